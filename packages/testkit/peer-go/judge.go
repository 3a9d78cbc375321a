package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/notaryproject/notation-go"
	"github.com/notaryproject/notation-go/dir"
	"github.com/notaryproject/notation-go/registry"
	"github.com/notaryproject/notation-go/verifier/trustpolicy"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

type judgeRequest struct {
	Subject      ocispec.Descriptor `json:"subject"`
	Envelope     []byte             `json:"envelope"`
	Format       string             `json:"format"` // jws or cose
	Policy       json.RawMessage    `json:"policy"` // an OCI trust policy
	Scope        string             `json:"scope"`  // registry/repository that the policy is asked about
	ConfigDir    string             `json:"configDir"`
	Plugins      string             `json:"plugins"`
	CRLCache     string             `json:"crlCache"`
	UserMetadata map[string]string  `json:"userMetadata"`
}

// judge verifies an artifact with one signature, both in memory, with all that the notation command
// has: trust store, plugins and a cache of CRLs in directories, revocation over HTTP.
func judge(request *judgeRequest) (verifyResponse, error) {
	repository, verifyOptions, err := request.artifact()
	if err != nil {
		return verifyResponse{}, err
	}
	no := func(err error) (verifyResponse, error) {
		return verifyResponse{verdict: refused("config", err), Signatures: []signatureReport{}}, nil
	}
	dir.UserConfigDir = request.ConfigDir
	var policy trustpolicy.OCIDocument
	if err := json.Unmarshal(request.Policy, &policy); err != nil {
		return no(err)
	}
	options, err := commandOptions(&policy, request.Plugins, request.CRLCache)
	if err != nil {
		return no(err)
	}
	checker, err := newRecorder(options)
	if err != nil {
		return no(err)
	}
	return checker.verify(repository, verifyOptions), nil
}

// artifact is the repository that the request describes, and how to verify what is in it.
func (r *judgeRequest) artifact() (signedArtifact, notation.VerifyOptions, error) {
	mediaType, ok := mediaTypes[r.Format]
	if !ok {
		return signedArtifact{}, notation.VerifyOptions{}, fmt.Errorf("format: jws or cose expected, got %q", r.Format)
	}
	repository := signedArtifact{subject: r.Subject, envelope: r.Envelope, mediaType: mediaType}
	return repository, notation.VerifyOptions{
		ArtifactReference:    r.Scope + "@" + r.Subject.Digest.String(),
		MaxSignatureAttempts: math.MaxInt32,
		UserMetadata:         r.UserMetadata,
	}, nil
}

// signedArtifact is a repository that holds one artifact with one signature. Nothing is pushed there.
type signedArtifact struct {
	registry.Repository
	subject   ocispec.Descriptor
	envelope  []byte
	mediaType string
}

func (s signedArtifact) Resolve(context.Context, string) (ocispec.Descriptor, error) {
	return s.subject, nil
}

func (s signedArtifact) ListSignatures(_ context.Context, _ ocispec.Descriptor, fn func([]ocispec.Descriptor) error) error {
	return fn([]ocispec.Descriptor{s.blob()})
}

func (s signedArtifact) FetchSignatureBlob(context.Context, ocispec.Descriptor) ([]byte, ocispec.Descriptor, error) {
	return s.envelope, s.blob(), nil
}

func (s signedArtifact) blob() ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: s.mediaType, Digest: digest.FromBytes(s.envelope), Size: int64(len(s.envelope))}
}
