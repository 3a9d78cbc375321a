package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"github.com/notaryproject/notation-core-go/signature"
	_ "github.com/notaryproject/notation-core-go/signature/cose"
	_ "github.com/notaryproject/notation-core-go/signature/jws"
	"github.com/notaryproject/notation-go/plugin/proto"
	"github.com/notaryproject/notation-go/verifier"
	"github.com/notaryproject/notation-plugin-framework-go/plugin"
)

func (peer) DescribeKey(_ context.Context, request *plugin.DescribeKeyRequest) (*plugin.DescribeKeyResponse, error) {
	key, err := loadKey(request.KeyID, request.PluginConfig)
	if err != nil {
		return nil, err
	}
	spec, err := key.KeySpec()
	if err != nil {
		return nil, err
	}
	name, err := proto.EncodeKeySpec(spec)
	return &plugin.DescribeKeyResponse{KeyID: request.KeyID, KeySpec: name}, err
}

func (peer) GenerateSignature(_ context.Context, request *plugin.GenerateSignatureRequest) (*plugin.GenerateSignatureResponse, error) {
	key, err := loadKey(request.KeyID, request.PluginConfig)
	if err != nil {
		return nil, err
	}
	spec, err := key.KeySpec()
	if err != nil {
		return nil, err
	}
	algorithm := spec.SignatureAlgorithm()
	name, err := proto.EncodeSigningAlgorithm(algorithm)
	if err != nil {
		return nil, err
	}
	value, err := signBytes(key.PrivateKey(), algorithm.Hash(), request.Payload)
	if err != nil {
		return nil, err
	}
	certificates, err := key.CertificateChain()
	if err != nil {
		return nil, err
	}
	response := &plugin.GenerateSignatureResponse{KeyID: request.KeyID, Signature: value, SigningAlgorithm: name}
	for _, certificate := range certificates {
		response.CertificateChain = append(response.CertificateChain, certificate.Raw)
	}
	return response, nil
}

// GenerateEnvelope makes an envelope that asks for this plugin when it is verified.
func (peer) GenerateEnvelope(_ context.Context, request *plugin.GenerateEnvelopeRequest) (*plugin.GenerateEnvelopeResponse, error) {
	key, err := loadKey(request.KeyID, request.PluginConfig)
	if err != nil {
		return nil, err
	}
	envelope, err := signature.NewEnvelope(request.SignatureEnvelopeType)
	if err != nil {
		return nil, plugin.NewUnsupportedError(request.SignatureEnvelopeType)
	}
	toSign := &signature.SignRequest{
		Payload:       signature.Payload{ContentType: request.PayloadType, Content: request.Payload},
		Signer:        key,
		SigningTime:   time.Now().Truncate(time.Second),
		SigningScheme: signature.SigningSchemeX509,
		SigningAgent:  "notation-peer/1.2.3",
		ExtendedSignedAttributes: []signature.Attribute{
			{Key: verifier.HeaderVerificationPlugin, Critical: true, Value: "peer"},
			{Key: verifier.HeaderVerificationPluginMinVersion, Critical: true, Value: "1.2.0"},
		},
	}
	if seconds := request.ExpiryDurationInSeconds; seconds > 0 {
		toSign.Expiry = toSign.SigningTime.Add(time.Duration(seconds) * time.Second)
	}
	if name, value, ok := strings.Cut(request.PluginConfig[settingCritical], "="); ok {
		attribute := signature.Attribute{Key: name, Critical: true, Value: value}
		toSign.ExtendedSignedAttributes = append(toSign.ExtendedSignedAttributes, attribute)
	}
	bytes, err := envelope.Sign(toSign)
	if err != nil {
		return nil, err
	}
	return &plugin.GenerateEnvelopeResponse{
		SignatureEnvelope:     bytes,
		SignatureEnvelopeType: request.SignatureEnvelopeType,
		Annotations:           map[string]string{"made.by": "notation-peer"},
	}, nil
}

func loadKey(path string, config map[string]string) (signature.LocalSigner, error) {
	pair, err := tls.LoadX509KeyPair(config[settingChain], path)
	if err != nil {
		return nil, plugin.NewValidationErrorf("key %s: %v", path, err)
	}
	var chain []*x509.Certificate
	for _, der := range pair.Certificate {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		chain = append(chain, certificate)
	}
	return signature.NewLocalSigner(chain, pair.PrivateKey)
}

// signBytes signs as the plugin contract has it: RSASSA-PSS, or ECDSA as r || s.
func signBytes(key crypto.PrivateKey, hash crypto.Hash, payload []byte) ([]byte, error) {
	hasher := hash.New()
	hasher.Write(payload)
	digest := hasher.Sum(nil)
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return rsa.SignPSS(rand.Reader, key, hash, digest, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, key, digest)
		if err != nil {
			return nil, err
		}
		size := (key.Params().BitSize + 7) / 8
		value := make([]byte, 2*size)
		r.FillBytes(value[:size])
		s.FillBytes(value[size:])
		return value, nil
	}
	return nil, fmt.Errorf("a key of type %T", key)
}
