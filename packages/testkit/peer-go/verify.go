package main

import (
	"context"
	"math"

	"github.com/notaryproject/notation-go"
	"github.com/notaryproject/notation-go/registry"
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

func verify(request *verifyRequest) (verifyResponse, error) {
	none := []signatureReport{}
	checker, err := recorderOf(request.ConfigDir)
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
	return checker.verify(repository, options), nil
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
