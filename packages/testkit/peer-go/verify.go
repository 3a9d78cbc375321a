package main

import (
	"context"
	"errors"
	"math"

	"github.com/notaryproject/notation-go"
	"github.com/notaryproject/notation-go/dir"
	"github.com/notaryproject/notation-go/registry"
	"github.com/notaryproject/notation-go/verifier"
	"github.com/notaryproject/notation-go/verifier/trustpolicy"
	"github.com/notaryproject/notation-go/verifier/truststore"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	orasregistry "oras.land/oras-go/v2/registry"
)

type verifyRequest struct {
	target
	ConfigDir     string            `json:"configDir"` // holds the trust policy and the trust store
	Scope         string            `json:"scope"`     // with layout: registry/repository for the policy
	UserMetadata  map[string]string `json:"userMetadata"`
	MaxSignatures int               `json:"maxSignatures"` // 0: as many as there are
}

type verifyResponse struct {
	verdict
	Subject    string            `json:"subject,omitempty"`
	Level      string            `json:"level,omitempty"`
	Signatures []signatureReport `json:"signatures"`
}

type signatureReport struct {
	Checks       []checkReport     `json:"checks"`
	UserMetadata map[string]string `json:"userMetadata,omitempty"`
	Error        string            `json:"error,omitempty"`
}

type checkReport struct {
	Check  string `json:"check"`
	Action string `json:"action"`
	Error  string `json:"error,omitempty"`
}

func verify(request *verifyRequest) (verifyResponse, error) {
	none := []signatureReport{}
	checker, err := newRecorder(request.ConfigDir)
	if err != nil {
		return verifyResponse{verdict: refused("config", err), Signatures: none}, nil
	}
	repository, err := request.open(false)
	if err != nil {
		return verifyResponse{verdict: refused("open", err), Signatures: none}, nil
	}
	options, err := request.options(repository)
	if err != nil {
		return verifyResponse{verdict: refused("resolve", err), Signatures: none}, nil
	}
	subject, outcomes, err := notation.Verify(context.Background(), checker, repository, options)
	response := verifyResponse{Signatures: checker.reports()}
	if err != nil {
		response.verdict = refused("verify", err)
		return response, nil
	}
	response.verdict = verdict{OK: true}
	response.Subject = subject.Digest.String()
	response.Level = outcomes[0].VerificationLevel.Name
	return response, nil
}

// options resolves a tag first, as the notation command does: the trust policy is looked up under
// registry/repository@digest, with a layout under scope@digest.
func (r *verifyRequest) options(repository registry.Repository) (notation.VerifyOptions, error) {
	reference := r.Reference
	if scope, tag, ok := r.mutable(); ok {
		subject, err := repository.Resolve(context.Background(), tag)
		if err != nil {
			return notation.VerifyOptions{}, err
		}
		reference = scope + "@" + subject.Digest.String()
	}
	limit := r.MaxSignatures
	if limit == 0 {
		limit = math.MaxInt32
	}
	return notation.VerifyOptions{
		ArtifactReference:    reference,
		MaxSignatureAttempts: limit,
		UserMetadata:         r.UserMetadata,
	}, nil
}

// mutable splits a reference that must be resolved before the policy is looked up into its scope
// and the tag (for a layout, also a digest).
func (r *verifyRequest) mutable() (scope, tag string, ok bool) {
	if r.Layout != "" {
		return r.Scope, r.Reference, true
	}
	reference, err := orasregistry.ParseReference(r.Reference)
	if err != nil || reference.ValidateReferenceAsDigest() == nil {
		return "", "", false // a malformed one is for notation-go to refuse
	}
	return reference.Registry + "/" + reference.Repository, reference.Reference, true
}

// skippingVerifier is what notation-go's verifier is beyond the exported interface.
type skippingVerifier interface {
	notation.Verifier
	SkipVerify(context.Context, notation.VerifierVerifyOptions) (bool, *trustpolicy.VerificationLevel, error)
}

// recorder keeps the outcome of every signature: notation.Verify returns none when it fails.
type recorder struct {
	skippingVerifier
	outcomes []*notation.VerificationOutcome
}

func newRecorder(configDir string) (*recorder, error) {
	if configDir == "" {
		return nil, errors.New("configDir is expected")
	}
	dir.UserConfigDir = configDir
	policy, err := trustpolicy.LoadOCIDocument()
	if err != nil {
		return nil, err
	}
	store := truststore.NewX509TrustStore(dir.ConfigFS())
	checker, err := verifier.NewVerifierWithOptions(store, verifier.VerifierOptions{OCITrustPolicy: policy})
	if err != nil {
		return nil, err
	}
	return &recorder{skippingVerifier: checker}, nil
}

func (r *recorder) Verify(ctx context.Context, subject ocispec.Descriptor, envelope []byte, options notation.VerifierVerifyOptions) (*notation.VerificationOutcome, error) {
	outcome, err := r.skippingVerifier.Verify(ctx, subject, envelope, options)
	if outcome != nil {
		r.outcomes = append(r.outcomes, outcome)
	}
	return outcome, err
}

func (r *recorder) reports() []signatureReport {
	reports := make([]signatureReport, 0, len(r.outcomes))
	for _, outcome := range r.outcomes {
		report := signatureReport{Checks: []checkReport{}, Error: text(outcome.Error)}
		for _, result := range outcome.VerificationResults {
			report.Checks = append(report.Checks, checkReport{
				Check: string(result.Type), Action: string(result.Action), Error: text(result.Error),
			})
		}
		if metadata, err := outcome.UserMetadata(); err == nil {
			report.UserMetadata = metadata
		}
		reports = append(reports, report)
	}
	return reports
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
