package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"time"

	"github.com/notaryproject/notation-core-go/signature"
)

type attribute struct {
	Key      any  `json:"key"`
	Critical bool `json:"critical"`
	Value    any  `json:"value"`
}

type envelopeSignRequest struct {
	Format             string      `json:"format"`
	Key                string      `json:"key"`
	Certificates       string      `json:"certificates"`
	Payload            []byte      `json:"payload"` // base64, as every []byte here
	PayloadType        string      `json:"payloadType"`
	Scheme             string      `json:"scheme"`
	SigningTime        time.Time   `json:"signingTime"`
	Expiry             time.Time   `json:"expiry"`
	ExtendedAttributes []attribute `json:"extendedAttributes"`
	SigningAgent       string      `json:"signingAgent"`
}

type envelopeSignResponse struct {
	verdict
	Envelope []byte `json:"envelope,omitempty"`
}

func envelopeSign(request *envelopeSignRequest) (envelopeSignResponse, error) {
	pair, err := tls.LoadX509KeyPair(request.Certificates, request.Key)
	if err != nil {
		return envelopeSignResponse{verdict: refused("key", err)}, nil
	}
	chain, err := parseChain(pair.Certificate)
	if err != nil {
		return envelopeSignResponse{verdict: refused("key", err)}, nil
	}
	local, err := signature.NewLocalSigner(chain, pair.PrivateKey)
	if err != nil {
		return envelopeSignResponse{verdict: refused("key", err)}, nil
	}
	envelope, err := signature.NewEnvelope(mediaTypes[request.Format])
	if err != nil {
		return envelopeSignResponse{}, err
	}
	bytes, err := envelope.Sign(&signature.SignRequest{
		Payload:                  signature.Payload{ContentType: request.PayloadType, Content: request.Payload},
		Signer:                   local,
		SigningTime:              request.SigningTime,
		Expiry:                   request.Expiry,
		ExtendedSignedAttributes: fromAttributes(request.ExtendedAttributes),
		SigningAgent:             request.SigningAgent,
		SigningScheme:            signature.SigningScheme(request.Scheme),
	})
	if err != nil {
		return envelopeSignResponse{verdict: refused("sign", err)}, nil
	}
	return envelopeSignResponse{verdict: verdict{OK: true}, Envelope: bytes}, nil
}

type envelopeVerifyRequest struct {
	Format   string `json:"format"`
	Envelope []byte `json:"envelope"`
}

type envelopeVerifyResponse struct {
	verdict
	Payload            []byte      `json:"payload,omitempty"`
	PayloadType        string      `json:"payloadType,omitempty"`
	Scheme             string      `json:"scheme,omitempty"`
	SigningTime        time.Time   `json:"signingTime,omitzero"`
	Expiry             time.Time   `json:"expiry,omitzero"`
	ExtendedAttributes []attribute `json:"extendedAttributes,omitempty"`
	SigningAgent       string      `json:"signingAgent,omitempty"`
	Certificates       [][]byte    `json:"certificates,omitempty"`
}

// envelopeVerify checks an envelope's form, signature value and chain shape: neither trust nor time.
func envelopeVerify(request *envelopeVerifyRequest) (envelopeVerifyResponse, error) {
	envelope, err := signature.ParseEnvelope(mediaTypes[request.Format], request.Envelope)
	if err != nil {
		return envelopeVerifyResponse{verdict: refused("parse", err)}, nil
	}
	content, err := envelope.Verify()
	if err != nil {
		return envelopeVerifyResponse{verdict: refused("verify", err)}, nil
	}
	signer := content.SignerInfo
	return envelopeVerifyResponse{
		verdict:            verdict{OK: true},
		Payload:            content.Payload.Content,
		PayloadType:        content.Payload.ContentType,
		Scheme:             string(signer.SignedAttributes.SigningScheme),
		SigningTime:        signer.SignedAttributes.SigningTime.UTC(), // not every zone it reads can be written
		Expiry:             signer.SignedAttributes.Expiry.UTC(),
		ExtendedAttributes: toAttributes(signer.SignedAttributes.ExtendedAttributes),
		SigningAgent:       signer.UnsignedAttributes.SigningAgent,
		Certificates:       rawChain(signer.CertificateChain),
	}, nil
}

func parseChain(ders [][]byte) ([]*x509.Certificate, error) {
	chain := make([]*x509.Certificate, len(ders))
	for i, der := range ders {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", i, err)
		}
		chain[i] = certificate
	}
	return chain, nil
}

func rawChain(chain []*x509.Certificate) [][]byte {
	ders := make([][]byte, len(chain))
	for i, certificate := range chain {
		ders[i] = certificate.Raw
	}
	return ders
}

func fromAttributes(attributes []attribute) []signature.Attribute {
	var result []signature.Attribute
	for _, a := range attributes {
		result = append(result, signature.Attribute{Key: a.Key, Critical: a.Critical, Value: a.Value})
	}
	return result
}

func toAttributes(attributes []signature.Attribute) []attribute {
	var result []attribute
	for _, a := range attributes {
		value := a.Value
		if _, err := json.Marshal(value); err != nil {
			value = fmt.Sprint(value) // a CBOR value that JSON does not have
		}
		result = append(result, attribute{Key: a.Key, Critical: a.Critical, Value: value})
	}
	return result
}
