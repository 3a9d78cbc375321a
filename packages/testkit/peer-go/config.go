package main

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/notaryproject/notation-go/config"
	"github.com/notaryproject/notation-go/dir"
	"github.com/notaryproject/notation-go/verifier/trustpolicy"
	"github.com/notaryproject/notation-go/verifier/truststore"
)

type policyRequest struct {
	Document  []byte `json:"document"`
	Reference string `json:"reference"` // if set, also: which statement applies to it
}

type policyResponse struct {
	verdict
	Statement string `json:"statement,omitempty"`
}

// policyValidate reads an OCI trust policy as notation-go reads its file (encoding/json's decoder,
// which tolerates what follows the document), then validates it and selects a statement.
func policyValidate(request *policyRequest) (policyResponse, error) {
	var document trustpolicy.OCIDocument
	if err := json.NewDecoder(bytes.NewReader(request.Document)).Decode(&document); err != nil {
		return policyResponse{verdict: refused("decode", err)}, nil
	}
	if err := document.Validate(); err != nil {
		return policyResponse{verdict: refused("validate", err)}, nil
	}
	if request.Reference == "" {
		return policyResponse{verdict: verdict{OK: true}}, nil
	}
	statement, err := document.GetApplicableTrustPolicy(request.Reference)
	if err != nil {
		return policyResponse{verdict: refused("select", err)}, nil
	}
	return policyResponse{verdict: verdict{OK: true}, Statement: statement.Name}, nil
}

type configRequest struct {
	ConfigDir   string       `json:"configDir"`
	TrustStores []storeQuery `json:"trustStores"`
}

type storeQuery struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

type configResponse struct {
	verdict
	SigningKeys *config.SigningKeys      `json:"signingKeys,omitempty"`
	TrustPolicy *trustpolicy.OCIDocument `json:"trustPolicy,omitempty"`
	TrustStores [][][]byte               `json:"trustStores,omitempty"` // certificates in DER, per query
}

// configRead loads a configuration directory's files with notation-go's own loaders.
func configRead(request *configRequest) (configResponse, error) {
	dir.UserConfigDir = request.ConfigDir
	response := configResponse{}
	keys, err := config.LoadSigningKeys()
	if err != nil {
		return configResponse{verdict: refused("signingkeys", err)}, nil
	}
	response.SigningKeys = keys
	policy, err := trustpolicy.LoadOCIDocument()
	if err == nil {
		err = policy.Validate()
	}
	if err != nil {
		return configResponse{verdict: refused("trustpolicy", err)}, nil
	}
	response.TrustPolicy = policy
	store := truststore.NewX509TrustStore(dir.ConfigFS())
	for _, query := range request.TrustStores {
		certificates, err := store.GetCertificates(context.Background(), truststore.Type(query.Type), query.Name)
		if err != nil {
			return configResponse{verdict: refused("truststore", err)}, nil
		}
		response.TrustStores = append(response.TrustStores, rawChain(certificates))
	}
	response.verdict = verdict{OK: true}
	return response, nil
}
