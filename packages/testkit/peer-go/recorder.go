package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/notaryproject/notation-core-go/revocation"
	corecrl "github.com/notaryproject/notation-core-go/revocation/crl"
	"github.com/notaryproject/notation-core-go/revocation/purpose"
	"github.com/notaryproject/notation-go"
	"github.com/notaryproject/notation-go/dir"
	"github.com/notaryproject/notation-go/plugin"
	"github.com/notaryproject/notation-go/registry"
	"github.com/notaryproject/notation-go/verifier"
	"github.com/notaryproject/notation-go/verifier/crl"
	"github.com/notaryproject/notation-go/verifier/trustpolicy"
	"github.com/notaryproject/notation-go/verifier/truststore"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// signatureReport is what was found out about one signature that was tried.
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

// recorderOf verifies by the trust policy in a configuration directory.
func recorderOf(configDir string) (*recorder, error) {
	if configDir == "" {
		return nil, errors.New("configDir is expected")
	}
	dir.UserConfigDir = configDir
	policy, err := trustpolicy.LoadOCIDocument()
	if err != nil {
		return nil, err
	}
	return newRecorder(verifier.VerifierOptions{OCITrustPolicy: policy})
}

// newRecorder takes the trust store from the configuration directory.
func newRecorder(options verifier.VerifierOptions) (*recorder, error) {
	checker, err := verifier.NewVerifierWithOptions(truststore.NewX509TrustStore(dir.ConfigFS()), options)
	if err != nil {
		return nil, err
	}
	return &recorder{skippingVerifier: checker}, nil
}

// commandOptions are those with which the notation command verifies: plugins in a directory, and
// revocation over HTTP with a cache of CRLs in another.
func commandOptions(policy *trustpolicy.OCIDocument, plugins, crlCache string) (verifier.VerifierOptions, error) {
	codeSigning, err := revocationValidator(purpose.CodeSigning, crlCache)
	if err != nil {
		return verifier.VerifierOptions{}, err
	}
	timestamping, err := revocationValidator(purpose.Timestamping, crlCache)
	if err != nil {
		return verifier.VerifierOptions{}, err
	}
	return verifier.VerifierOptions{
		OCITrustPolicy:                  policy,
		PluginManager:                   plugin.NewCLIManager(dir.NewSysFS(plugins)),
		RevocationCodeSigningValidator:  codeSigning,
		RevocationTimestampingValidator: timestamping,
	}, nil
}

func revocationValidator(use purpose.Purpose, crlCache string) (revocation.Validator, error) {
	fetcher, err := corecrl.NewHTTPFetcher(&http.Client{Timeout: 5 * time.Second})
	if err != nil {
		return nil, err
	}
	fetcher.DiscardCacheError = true
	fetcher.Cache, err = crl.NewFileCache(crlCache)
	if err != nil {
		return nil, err
	}
	return revocation.NewWithOptions(revocation.Options{
		OCSPHTTPClient:   &http.Client{Timeout: 2 * time.Second},
		CRLFetcher:       fetcher,
		CertChainPurpose: use,
	})
}

// verify runs the whole verification of an artifact.
func (r *recorder) verify(repository registry.Repository, options notation.VerifyOptions) verifyResponse {
	subject, outcomes, err := notation.Verify(context.Background(), r, repository, options)
	response := verifyResponse{Signatures: r.reports()}
	if err != nil {
		response.verdict = refused("verify", err)
		return response
	}
	response.verdict = verdict{OK: true}
	response.Subject = subject.Digest.String()
	response.Level = outcomes[0].VerificationLevel.Name
	return response
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
