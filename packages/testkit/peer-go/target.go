package main

import (
	"net/http"

	"github.com/notaryproject/notation-go/registry"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
)

// target names an artifact in a registry, or in an OCI image layout if Layout is set.
type target struct {
	// Reference is registry/repository:tag or registry/repository@digest; with Layout a tag or digest.
	Reference string `json:"reference"`
	Layout    string `json:"layout"`
	PlainHTTP bool   `json:"plainHttp"`
	Username  string `json:"username"`
	Password  string `json:"password"`
}

// httpClient keeps its connections across requests and, unlike oras-go's default, never retries: a
// test wants the first answer.
var httpClient = &http.Client{Transport: http.DefaultTransport}

// open returns the repository that the target is in.
func (t *target) open(forceReferrersTag bool) (registry.Repository, error) {
	if t.Layout != "" {
		return registry.NewOCIRepository(t.Layout, registry.RepositoryOptions{})
	}
	repository, err := remote.NewRepository(t.Reference)
	if err != nil {
		return nil, err
	}
	repository.PlainHTTP = t.PlainHTTP
	client := &auth.Client{Client: httpClient, Cache: auth.NewCache()}
	client.SetUserAgent("nv2-peer")
	if t.Username != "" {
		credential := auth.Credential{Username: t.Username, Password: t.Password}
		client.Credential = auth.StaticCredential(repository.Reference.Registry, credential)
	}
	repository.Client = client
	if forceReferrersTag {
		if err := repository.SetReferrersCapability(false); err != nil {
			return nil, err
		}
	}
	return registry.NewRepository(repository), nil
}
