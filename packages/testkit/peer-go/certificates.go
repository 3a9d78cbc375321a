package main

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"time"

	corex509 "github.com/notaryproject/notation-core-go/x509"
)

type chainRequest struct {
	Certificates [][]byte  `json:"certificates"` // DER, leaf first
	At           time.Time `json:"at"`           // validity is checked only if set
}

// chainValidate applies the Notary Project's rules for code signing chains.
func chainValidate(request *chainRequest) (verdict, error) {
	chain, err := parseChain(request.Certificates)
	if err != nil {
		return refused("parse", err), nil
	}
	var at *time.Time
	if !request.At.IsZero() {
		at = &request.At
	}
	if err := corex509.ValidateCodeSigningCertChain(chain, at); err != nil {
		return refused("validate", err), nil
	}
	return verdict{OK: true}, nil
}

type nameRequest struct {
	Certificate []byte `json:"certificate"` // DER; its subject and issuer are printed
	Name        []byte `json:"name"`        // or the DER of one name
}

type nameResponse struct {
	verdict
	Subject string `json:"subject"`
	Issuer  string `json:"issuer,omitempty"`
}

// nameFormat prints distinguished names as Go's pkix.Name does.
func nameFormat(request *nameRequest) (nameResponse, error) {
	if request.Certificate != nil {
		certificate, err := x509.ParseCertificate(request.Certificate)
		if err != nil {
			return nameResponse{verdict: refused("parse", err)}, nil
		}
		return nameResponse{
			verdict: verdict{OK: true},
			Subject: certificate.Subject.String(),
			Issuer:  certificate.Issuer.String(),
		}, nil
	}
	var sequence pkix.RDNSequence
	rest, err := asn1.Unmarshal(request.Name, &sequence)
	if err == nil && len(rest) > 0 {
		err = errors.New("trailing bytes after the name")
	}
	if err != nil {
		return nameResponse{verdict: refused("parse", err)}, nil
	}
	var name pkix.Name
	name.FillFromRDNSequence(&sequence)
	return nameResponse{verdict: verdict{OK: true}, Subject: name.String()}, nil
}
