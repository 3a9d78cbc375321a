package main

import (
	"context"
	"crypto/x509"

	corecrl "github.com/notaryproject/notation-core-go/revocation/crl"
	"github.com/notaryproject/notation-go/verifier/crl"
)

type crlCacheRequest struct {
	Directory string `json:"directory"`
	URL       string `json:"url"`
	BaseCRL   []byte `json:"baseCRL"`  // DER; empty: the entry is read, otherwise written
	DeltaCRL  []byte `json:"deltaCRL"` // DER, optional
}

type crlCacheResponse struct {
	verdict
	BaseCRL  []byte `json:"baseCRL,omitempty"`
	DeltaCRL []byte `json:"deltaCRL,omitempty"`
}

// crlCache reads or writes an entry of notation's file cache of CRLs.
func crlCache(request *crlCacheRequest) (crlCacheResponse, error) {
	no := func(stage string, err error) (crlCacheResponse, error) {
		return crlCacheResponse{verdict: refused(stage, err)}, nil
	}
	cache, err := crl.NewFileCache(request.Directory)
	if err != nil {
		return no("open", err)
	}
	if len(request.BaseCRL) > 0 {
		bundle, err := parseBundle(request)
		if err != nil {
			return no("parse", err)
		}
		if err := cache.Set(context.Background(), request.URL, bundle); err != nil {
			return no("write", err)
		}
	}
	bundle, err := cache.Get(context.Background(), request.URL)
	if err != nil {
		return no("read", err)
	}
	response := crlCacheResponse{verdict: verdict{OK: true}, BaseCRL: bundle.BaseCRL.Raw}
	if bundle.DeltaCRL != nil {
		response.DeltaCRL = bundle.DeltaCRL.Raw
	}
	return response, nil
}

func parseBundle(request *crlCacheRequest) (*corecrl.Bundle, error) {
	base, err := x509.ParseRevocationList(request.BaseCRL)
	if err != nil || len(request.DeltaCRL) == 0 {
		return &corecrl.Bundle{BaseCRL: base}, err
	}
	delta, err := x509.ParseRevocationList(request.DeltaCRL)
	return &corecrl.Bundle{BaseCRL: base, DeltaCRL: delta}, err
}
