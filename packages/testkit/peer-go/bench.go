package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"runtime"
	"syscall"
	"time"

	"github.com/notaryproject/notation-go"
	"github.com/notaryproject/notation-go/dir"
	"github.com/notaryproject/notation-go/verifier"
	"github.com/notaryproject/notation-go/verifier/trustpolicy"
	"github.com/notaryproject/notation-go/verifier/truststore"
	orasregistry "oras.land/oras-go/v2/registry"
)

type benchRequest struct {
	verifyRequest
	Warmup       int  `json:"warmup"`
	Iterations   int  `json:"iterations"`
	ResolveFirst bool `json:"resolveFirst"` // a digest as well, as the notation command does
}

type benchResponse struct {
	verdict
	Nanoseconds []int64 `json:"nanoseconds,omitempty"` // of each iteration
}

// benchVerify measures verification in one process: the policy and the verifier are made once and
// the HTTP connections are kept, the repository is new for each run so that nothing it has learnt
// about the registry is carried over.
func benchVerify(request *benchRequest) (benchResponse, error) {
	if request.Iterations < 1 {
		return benchResponse{}, fmt.Errorf("iterations: a positive number expected, got %d", request.Iterations)
	}
	checker, err := recorderOf(request.ConfigDir)
	if err != nil {
		return benchResponse{verdict: refused("config", err)}, nil
	}
	response := benchResponse{verdict: verdict{OK: true}}
	for i := range request.Warmup + request.Iterations {
		start := time.Now()
		if err := request.once(checker); err != nil {
			return benchResponse{verdict: refused("verify", err)}, nil
		}
		if i >= request.Warmup {
			response.Nanoseconds = append(response.Nanoseconds, time.Since(start).Nanoseconds())
		}
	}
	return response, nil
}

func (r *benchRequest) once(checker *recorder) error {
	repository, err := r.open(false)
	if err != nil {
		return err
	}
	options, err := r.options(repository)
	if err != nil {
		return err
	}
	if reference, err := orasregistry.ParseReference(r.Reference); r.ResolveFirst && err == nil && reference.ValidateReferenceAsDigest() == nil {
		if _, err := repository.Resolve(context.Background(), reference.Reference); err != nil {
			return err
		}
	}
	_, _, err = notation.Verify(context.Background(), checker.skippingVerifier, repository, options)
	return err
}

type benchJudgeRequest struct {
	judgeRequest
	Warmup     int `json:"warmup"`
	Iterations int `json:"iterations"`
}

type benchJudgeResponse struct {
	verdict
	CPUNanoseconds int64 `json:"cpuNanoseconds,omitempty"` // of one iteration, on average
}

// benchJudge measures verification where nothing is read or fetched: artifact, signature, policy and
// trust store are in memory. It takes the processor time of the whole process on one core, so that
// what the runtime does beside is in it.
func benchJudge(request *benchJudgeRequest) (benchJudgeResponse, error) {
	repository, options, err := request.artifact()
	if err != nil {
		return benchJudgeResponse{}, err
	}
	dir.UserConfigDir = request.ConfigDir
	var policy trustpolicy.OCIDocument
	if err := json.Unmarshal(request.Policy, &policy); err != nil {
		return benchJudgeResponse{verdict: refused("config", err)}, nil
	}
	store := &rememberedStore{X509TrustStore: truststore.NewX509TrustStore(dir.ConfigFS())}
	checker, err := verifier.NewVerifierWithOptions(store, verifier.VerifierOptions{OCITrustPolicy: &policy})
	if err != nil {
		return benchJudgeResponse{verdict: refused("config", err)}, nil
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var start int64
	for i := range request.Warmup + request.Iterations {
		if i == request.Warmup {
			start = processorTime()
		}
		if _, _, err := notation.Verify(context.Background(), checker, repository, options); err != nil {
			return benchJudgeResponse{verdict: refused("verify", err)}, nil
		}
	}
	used := processorTime() - start
	return benchJudgeResponse{verdict: verdict{OK: true}, CPUNanoseconds: used / int64(request.Iterations)}, nil
}

// processorTime is what this process has used so far, user and system, in nanoseconds.
func processorTime() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

// rememberedStore reads the one named store that it is asked for once.
type rememberedStore struct {
	truststore.X509TrustStore
	certificates []*x509.Certificate
}

func (s *rememberedStore) GetCertificates(ctx context.Context, storeType truststore.Type, name string) (certificates []*x509.Certificate, err error) {
	if s.certificates == nil {
		s.certificates, err = s.X509TrustStore.GetCertificates(ctx, storeType, name)
	}
	return s.certificates, err
}
