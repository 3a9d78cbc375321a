package main

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"slices"
	"time"
)

type certificateRequest struct {
	Certificate []byte `json:"certificate"` // DER
}

// certificateFields says what crypto/x509 read, in the words of nv2's interop tests. What a
// certificate does not have is empty.
type certificateFields struct {
	Version            int       `json:"version"`
	SerialNumber       string    `json:"serialNumber"` // hexadecimal
	Issuer             string    `json:"issuer"`
	Subject            string    `json:"subject"`
	NotBefore          time.Time `json:"notBefore"`
	NotAfter           time.Time `json:"notAfter"`
	Key                string    `json:"key"`
	KeyUsage           int       `json:"keyUsage"` // bit n is that of RFC 5280 4.2.1.3
	ExtendedKeyUsage   []string  `json:"extendedKeyUsage"`
	BasicConstraints   string    `json:"basicConstraints"`
	AlternativeNames   []string  `json:"alternativeNames"` // sorted
	SubjectKeyID       string    `json:"subjectKeyId"`
	AuthorityKeyID     string    `json:"authorityKeyId"`
	OcspResponders     []string  `json:"ocspResponders"`
	DistributionPoints []string  `json:"crlDistributionPoints"`
	CriticalExtensions []string  `json:"criticalExtensions"`
	Extensions         []string  `json:"extensions"`
	PermittedDomains   []string  `json:"permittedDomains"`
	ExcludedDomains    []string  `json:"excludedDomains"`
	SubjectPublicKey   []byte    `json:"spki"`
	SignedPart         []byte    `json:"tbs"`
	Signature          []byte    `json:"signature"`
}

type certificateResponse struct {
	verdict
	Fields *certificateFields `json:"fields,omitempty"`
}

// certificateRead decodes one certificate.
func certificateRead(request *certificateRequest) (certificateResponse, error) {
	certificate, err := x509.ParseCertificate(request.Certificate)
	if err != nil {
		return certificateResponse{verdict: refused("parse", err)}, nil
	}
	purposes, err := purposesOf(certificate)
	if err != nil {
		return certificateResponse{}, err
	}
	fields := &certificateFields{
		Version:            certificate.Version,
		SerialNumber:       certificate.SerialNumber.Text(16),
		Issuer:             certificate.Issuer.String(),
		Subject:            certificate.Subject.String(),
		NotBefore:          certificate.NotBefore,
		NotAfter:           certificate.NotAfter,
		Key:                keyOf(certificate),
		KeyUsage:           int(certificate.KeyUsage),
		ExtendedKeyUsage:   purposes,
		BasicConstraints:   constraintsOf(certificate),
		AlternativeNames:   alternativeNamesOf(certificate),
		SubjectKeyID:       hex.EncodeToString(certificate.SubjectKeyId),
		AuthorityKeyID:     hex.EncodeToString(certificate.AuthorityKeyId),
		OcspResponders:     append([]string{}, certificate.OCSPServer...),
		DistributionPoints: append([]string{}, certificate.CRLDistributionPoints...),
		CriticalExtensions: []string{},
		Extensions:         []string{},
		PermittedDomains:   append([]string{}, certificate.PermittedDNSDomains...),
		ExcludedDomains:    append([]string{}, certificate.ExcludedDNSDomains...),
		SubjectPublicKey:   certificate.RawSubjectPublicKeyInfo,
		SignedPart:         certificate.RawTBSCertificate,
		Signature:          certificate.Signature,
	}
	for _, extension := range certificate.Extensions {
		fields.Extensions = append(fields.Extensions, extension.Id.String())
		if extension.Critical {
			fields.CriticalExtensions = append(fields.CriticalExtensions, extension.Id.String())
		}
	}
	return certificateResponse{verdict: verdict{OK: true}, Fields: fields}, nil
}

func keyOf(certificate *x509.Certificate) string {
	switch key := certificate.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", key.N.BitLen())
	case *ecdsa.PublicKey:
		return "EC " + key.Curve.Params().Name
	default:
		return ""
	}
}

// purposesOf reads the extension again: crypto/x509 keeps known and unknown purposes apart.
func purposesOf(certificate *x509.Certificate) ([]string, error) {
	purposes := []string{}
	for _, extension := range certificate.Extensions {
		if extension.Id.String() != "2.5.29.37" {
			continue
		}
		var list []asn1.ObjectIdentifier
		if _, err := asn1.Unmarshal(extension.Value, &list); err != nil {
			return nil, err
		}
		for _, purpose := range list {
			purposes = append(purposes, purpose.String())
		}
	}
	return purposes, nil
}

func constraintsOf(certificate *x509.Certificate) string {
	switch {
	case !certificate.BasicConstraintsValid:
		return ""
	case !certificate.IsCA:
		return "none"
	case certificate.MaxPathLen > 0 || certificate.MaxPathLenZero:
		return fmt.Sprintf("CA %d", certificate.MaxPathLen)
	default:
		return "CA"
	}
}

func alternativeNamesOf(certificate *x509.Certificate) []string {
	names := append(
		labelled("dns", certificate.DNSNames),
		labelled("email", certificate.EmailAddresses)...,
	)
	for _, uri := range certificate.URIs {
		names = append(names, "uri "+uri.String())
	}
	for _, address := range certificate.IPAddresses {
		names = append(names, "ip "+hex.EncodeToString(address))
	}
	slices.Sort(names)
	return names
}

func labelled(label string, values []string) []string {
	names := []string{}
	for _, value := range values {
		names = append(names, label+" "+value)
	}
	return names
}
