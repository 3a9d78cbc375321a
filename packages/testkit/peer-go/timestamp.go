package main

import (
	"context"
	"crypto/x509"
	"time"

	corex509 "github.com/notaryproject/notation-core-go/x509"
	"github.com/notaryproject/tspclient-go"
)

type timestampRequest struct {
	Token   []byte   `json:"token"`   // TimeStampToken
	Content []byte   `json:"content"` // what must have been timestamped
	Roots   [][]byte `json:"roots"`   // DER
}

type timestampResponse struct {
	verdict
	Earliest time.Time `json:"earliest"`
	Latest   time.Time `json:"latest"`
	Chain    [][]byte  `json:"chain,omitempty"` // DER, leaf first
}

// timestampVerify judges a timestamp in the steps in which notation-go judges a countersignature,
// without revocation.
func timestampVerify(request *timestampRequest) (timestampResponse, error) {
	no := func(stage string, err error) (timestampResponse, error) {
		return timestampResponse{verdict: refused(stage, err)}, nil
	}
	token, err := tspclient.ParseSignedToken(request.Token)
	if err != nil {
		return no("parse", err)
	}
	info, err := token.Info()
	if err != nil {
		return no("info", err)
	}
	timestamp, err := info.Validate(request.Content)
	if err != nil {
		return no("imprint", err)
	}
	roots := x509.NewCertPool()
	for _, der := range request.Roots {
		root, err := x509.ParseCertificate(der)
		if err != nil {
			return no("roots", err)
		}
		roots.AddCert(root)
	}
	options := x509.VerifyOptions{CurrentTime: timestamp.Value, Roots: roots}
	chain, err := token.Verify(context.Background(), options)
	if err != nil {
		return no("verify", err)
	}
	if err := corex509.ValidateTimestampingCertChain(chain); err != nil {
		return no("chain", err)
	}
	response := timestampResponse{
		verdict:  verdict{OK: true},
		Earliest: timestamp.Value.Add(-timestamp.Accuracy),
		Latest:   timestamp.Value.Add(timestamp.Accuracy),
	}
	for _, certificate := range chain {
		response.Chain = append(response.Chain, certificate.Raw)
	}
	return response, nil
}
