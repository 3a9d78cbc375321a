package main

import (
	"context"
	"fmt"
	"time"

	"github.com/notaryproject/notation-go"
)

type benchRequest struct {
	verifyRequest
	Warmup     int `json:"warmup"`
	Iterations int `json:"iterations"`
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
	_, _, err = notation.Verify(context.Background(), checker.skippingVerifier, repository, options)
	return err
}
