package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/notaryproject/notation-go"
	"github.com/notaryproject/notation-go/dir"
	"github.com/notaryproject/notation-go/signer"
	"github.com/notaryproject/notation-go/verifier"
	"github.com/notaryproject/notation-go/verifier/trustpolicy"
	"github.com/notaryproject/notation-go/verifier/truststore"
)

type blobSignRequest struct {
	Blob          []byte            `json:"blob"`
	MediaType     string            `json:"mediaType"`
	Key           string            `json:"key"`          // path of a PEM private key
	Certificates  string            `json:"certificates"` // path of the PEM chain, leaf first
	Format        string            `json:"format"`       // jws or cose
	ExpirySeconds int64             `json:"expirySeconds"`
	UserMetadata  map[string]string `json:"userMetadata"`
}

type blobSignResponse struct {
	verdict
	Envelope []byte `json:"envelope,omitempty"`
}

func blobSign(request *blobSignRequest) (blobSignResponse, error) {
	mediaType, ok := mediaTypes[request.Format]
	if !ok {
		return blobSignResponse{}, fmt.Errorf("format: jws or cose expected, got %q", request.Format)
	}
	keySigner, err := signer.NewGenericSignerFromFiles(request.Key, request.Certificates)
	if err != nil {
		return blobSignResponse{verdict: refused("key", err)}, nil
	}
	envelope, _, err := notation.SignBlob(context.Background(), keySigner, bytes.NewReader(request.Blob), notation.SignBlobOptions{
		SignerSignOptions: notation.SignerSignOptions{
			SignatureMediaType: mediaType,
			ExpiryDuration:     time.Duration(request.ExpirySeconds) * time.Second,
		},
		ContentMediaType: request.MediaType,
		UserMetadata:     request.UserMetadata,
	})
	if err != nil {
		return blobSignResponse{verdict: refused("sign", err)}, nil
	}
	return blobSignResponse{verdict: verdict{OK: true}, Envelope: envelope}, nil
}

type blobVerifyRequest struct {
	Blob         []byte            `json:"blob"`
	MediaType    string            `json:"mediaType"` // empty: any
	Envelope     []byte            `json:"envelope"`
	Format       string            `json:"format"`    // jws or cose
	ConfigDir    string            `json:"configDir"` // holds trustpolicy.blob.json and the trust store
	Statement    string            `json:"statement"` // empty: the global one
	UserMetadata map[string]string `json:"userMetadata"`
}

type blobVerifyResponse struct {
	verdict
	Level        string            `json:"level,omitempty"`
	UserMetadata map[string]string `json:"userMetadata,omitempty"`
}

func blobVerify(request *blobVerifyRequest) (blobVerifyResponse, error) {
	no := func(stage string, err error) (blobVerifyResponse, error) {
		return blobVerifyResponse{verdict: refused(stage, err)}, nil
	}
	dir.UserConfigDir = request.ConfigDir
	policy, err := trustpolicy.LoadBlobDocument()
	if err != nil {
		return no("config", err)
	}
	store := truststore.NewX509TrustStore(dir.ConfigFS())
	checker, err := verifier.NewVerifierWithOptions(store, verifier.VerifierOptions{BlobTrustPolicy: policy})
	if err != nil {
		return no("config", err)
	}
	_, outcome, err := notation.VerifyBlob(context.Background(), checker, bytes.NewReader(request.Blob), request.Envelope, notation.VerifyBlobOptions{
		BlobVerifierVerifyOptions: notation.BlobVerifierVerifyOptions{
			SignatureMediaType: mediaTypes[request.Format],
			UserMetadata:       request.UserMetadata,
			TrustPolicyName:    request.Statement,
		},
		ContentMediaType: request.MediaType,
	})
	if err != nil {
		return no("verify", err)
	}
	metadata, err := outcome.UserMetadata()
	if err != nil {
		return no("verify", err)
	}
	return blobVerifyResponse{
		verdict:      verdict{OK: true},
		Level:        outcome.VerificationLevel.Name,
		UserMetadata: metadata,
	}, nil
}

type blobPolicyRequest struct {
	Document []byte `json:"document"`
	Select   bool   `json:"select"` // also: which statement applies
	Name     string `json:"name"`   // empty: the global one
}

// blobPolicyValidate does for blob trust policies what policyValidate does for those of images.
func blobPolicyValidate(request *blobPolicyRequest) (policyResponse, error) {
	var document trustpolicy.BlobDocument
	if err := json.NewDecoder(bytes.NewReader(request.Document)).Decode(&document); err != nil {
		return policyResponse{verdict: refused("decode", err)}, nil
	}
	if err := document.Validate(); err != nil {
		return policyResponse{verdict: refused("validate", err)}, nil
	}
	if !request.Select {
		return policyResponse{verdict: verdict{OK: true}}, nil
	}
	statement, err := document.GetGlobalTrustPolicy()
	if request.Name != "" {
		statement, err = document.GetApplicableTrustPolicy(request.Name)
	}
	if err != nil {
		return policyResponse{verdict: refused("select", err)}, nil
	}
	return policyResponse{verdict: verdict{OK: true}, Statement: statement.Name}, nil
}
