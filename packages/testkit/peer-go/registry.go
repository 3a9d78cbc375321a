package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/google/go-containerregistry/pkg/registry"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// serveRegistry serves an in-memory registry on a free loopback port, prints its URL and ends when
// standard input does.
func serveRegistry(args []string) error {
	flags := flag.NewFlagSet("registry", flag.ContinueOnError)
	referrers := flags.Bool("referrers", true, "serve the referrers API")
	if err := flags.Parse(args); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	handler := registry.New(
		registry.WithReferrersSupport(*referrers),
		registry.Logger(log.New(io.Discard, "", 0)),
	)
	if *referrers {
		handler = conformingReferrers(handler)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = listener.Close()
	}()
	err = http.Serve(listener, handler)
	if strings.Contains(err.Error(), "use of closed network connection") {
		return nil
	}
	return err
}

// conformingReferrers mends the two points in which go-containerregistry's referrers API is older
// than distribution-spec 1.1: a descriptor's artifactType is the manifest's own where it has one
// (it puts the config's media type, so that no client finds a signature), and the answer to a push
// of a manifest with a subject carries OCI-Subject.
func conformingReferrers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/referrers/"):
			serveReferrers(next, w, r)
		case r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/"):
			putManifest(next, w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func serveReferrers(next http.Handler, w http.ResponseWriter, r *http.Request) {
	recorded := httptest.NewRecorder()
	next.ServeHTTP(recorded, r)
	var index ocispec.Index
	if recorded.Code != http.StatusOK || json.Unmarshal(recorded.Body.Bytes(), &index) != nil {
		http.Error(w, recorded.Body.String(), recorded.Code)
		return
	}
	repository, _, _ := strings.Cut(r.URL.Path, "/referrers/")
	for i := range index.Manifests {
		manifest := httptest.NewRecorder()
		path := repository + "/manifests/" + index.Manifests[i].Digest.String()
		next.ServeHTTP(manifest, httptest.NewRequest(http.MethodGet, path, nil))
		var own struct {
			ArtifactType string `json:"artifactType"`
		}
		if json.Unmarshal(manifest.Body.Bytes(), &own) == nil && own.ArtifactType != "" {
			index.Manifests[i].ArtifactType = own.ArtifactType
		}
	}
	w.Header().Set("Content-Type", ocispec.MediaTypeImageIndex)
	_ = json.NewEncoder(w).Encode(index)
}

func putManifest(next http.Handler, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	var manifest struct {
		Subject *ocispec.Descriptor `json:"subject"`
	}
	if json.Unmarshal(body, &manifest) == nil && manifest.Subject != nil {
		w.Header().Set("OCI-Subject", manifest.Subject.Digest.String())
	}
	next.ServeHTTP(w, r)
}
