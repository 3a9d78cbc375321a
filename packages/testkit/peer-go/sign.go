package main

import (
	"context"
	"fmt"
	"time"

	"github.com/notaryproject/notation-core-go/signature/cose"
	"github.com/notaryproject/notation-core-go/signature/jws"
	"github.com/notaryproject/notation-go"
	"github.com/notaryproject/notation-go/config"
	"github.com/notaryproject/notation-go/dir"
	"github.com/notaryproject/notation-go/signer"
)

var mediaTypes = map[string]string{"jws": jws.MediaTypeEnvelope, "cose": cose.MediaTypeEnvelope}

type signRequest struct {
	target
	pluginTarget                        // in place of Key and Certificates
	KeyID             string            `json:"keyId"`        // with Plugin
	Key               string            `json:"key"`          // path of a PEM private key
	Certificates      string            `json:"certificates"` // path of the PEM chain, leaf first
	ConfigDir         string            `json:"configDir"`    // in place of the two: its signingkeys.json
	KeyName           string            `json:"keyName"`      // with ConfigDir; empty is the default key
	Format            string            `json:"format"`       // jws or cose
	ExpirySeconds     int64             `json:"expirySeconds"`
	UserMetadata      map[string]string `json:"userMetadata"`
	ForceReferrersTag bool              `json:"forceReferrersTag"`
}

type signResponse struct {
	verdict
	Subject   string `json:"subject,omitempty"`   // digest of what was signed
	Signature string `json:"signature,omitempty"` // digest of the signature manifest
}

func sign(request *signRequest) (signResponse, error) {
	mediaType, ok := mediaTypes[request.Format]
	if !ok {
		return signResponse{}, fmt.Errorf("format: jws or cose expected, got %q", request.Format)
	}
	keySigner, err := request.signer()
	if err != nil {
		return signResponse{verdict: refused("key", err)}, nil
	}
	repository, err := request.open(request.ForceReferrersTag)
	if err != nil {
		return signResponse{verdict: refused("open", err)}, nil
	}
	subject, manifest, err := notation.SignOCI(context.Background(), keySigner, repository, notation.SignOptions{
		SignerSignOptions: notation.SignerSignOptions{
			SignatureMediaType: mediaType,
			ExpiryDuration:     time.Duration(request.ExpirySeconds) * time.Second,
		},
		ArtifactReference: request.Reference,
		UserMetadata:      request.UserMetadata,
	})
	if err != nil {
		return signResponse{verdict: refused("sign", err)}, nil
	}
	return signResponse{
		verdict:   verdict{OK: true},
		Subject:   subject.Digest.String(),
		Signature: manifest.Digest.String(),
	}, nil
}

func (r *signRequest) signer() (notation.Signer, error) {
	if r.Plugin != "" {
		found, err := r.find()
		if err != nil {
			return nil, err
		}
		return signer.NewPluginSigner(found, r.KeyID, r.Config)
	}
	if r.ConfigDir == "" {
		return signer.NewFromFiles(r.Key, r.Certificates)
	}
	dir.UserConfigDir = r.ConfigDir
	keys, err := config.LoadSigningKeys()
	if err != nil {
		return nil, err
	}
	key, err := keys.GetDefault()
	if r.KeyName != "" {
		key, err = keys.Get(r.KeyName)
	}
	if err != nil {
		return nil, err
	}
	if key.X509KeyPair == nil {
		return nil, fmt.Errorf("key %q is not a local one", key.Name)
	}
	return signer.NewFromFiles(key.KeyPath, key.CertificatePath)
}
