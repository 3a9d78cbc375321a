// Command notation-peer is a plugin for notation that is built on the Notary Project's own plugin
// framework. It has all five commands; nv2's tests install it under nv2's command line.
//
// The id of a key is the path of its PEM file, and the setting "chain" that of its certificates.
package main

import (
	"context"
	"crypto/x509"
	"os"
	"slices"
	"strings"

	"github.com/notaryproject/notation-plugin-framework-go/cli"
	"github.com/notaryproject/notation-plugin-framework-go/plugin"
)

// settings of the user.
const (
	settingChain        = "chain"        // path of the certificates of the key, PEM, leaf first
	settingCapabilities = "capabilities" // separated by commas; default all
	settingCritical     = "critical"     // "name=value" of a critical attribute for new envelopes
	settingRevoked      = "revoked"      // common name of the signer whose certificate is revoked
)

// identityPrefix is that of trusted identities which this plugin knows: a common name follows.
const identityPrefix = "peer.cn:"

// ownAttributes is the prefix of the critical attributes which this plugin can process.
const ownAttributes = "peer."

type peer struct{}

func main() {
	ctx := context.Background()
	program, err := cli.New(peer{})
	if err != nil {
		panic(err)
	}
	program.Execute(ctx, os.Args)
}

func (peer) GetMetadata(_ context.Context, request *plugin.GetMetadataRequest) (*plugin.GetMetadataResponse, error) {
	capabilities := []plugin.Capability{
		plugin.CapabilitySignatureGenerator,
		plugin.CapabilityEnvelopeGenerator,
		plugin.CapabilityTrustedIdentityVerifier,
		plugin.CapabilityRevocationCheckVerifier,
	}
	if wanted, ok := request.PluginConfig[settingCapabilities]; ok {
		capabilities = nil
		for one := range strings.SplitSeq(wanted, ",") {
			capabilities = append(capabilities, plugin.Capability(one))
		}
	}
	return &plugin.GetMetadataResponse{
		Name:                      "peer",
		Description:               "the plugin framework of the Notary Project",
		Version:                   "1.2.3",
		URL:                       "https://plugins.example/peer",
		SupportedContractVersions: []string{plugin.ContractVersion},
		Capabilities:              capabilities,
	}, nil
}

func (peer) VerifySignature(_ context.Context, request *plugin.VerifySignatureRequest) (*plugin.VerifySignatureResponse, error) {
	leaf, err := x509.ParseCertificate(request.Signature.CertificateChain[0])
	if err != nil {
		return nil, plugin.NewValidationErrorf("certificate: %v", err)
	}
	name := leaf.Subject.CommonName
	response := &plugin.VerifySignatureResponse{
		VerificationResults: map[plugin.Capability]*plugin.VerificationResult{},
	}
	for _, check := range request.TrustPolicy.SignatureVerification {
		result := &plugin.VerificationResult{Success: true}
		switch check {
		case plugin.CapabilityTrustedIdentityVerifier:
			if !slices.Contains(request.TrustPolicy.TrustedIdentities, identityPrefix+name) {
				result = &plugin.VerificationResult{Reason: name + " is a stranger"}
			}
		case plugin.CapabilityRevocationCheckVerifier:
			if request.PluginConfig[settingRevoked] == name {
				result = &plugin.VerificationResult{Reason: name + " has left"}
			}
		}
		response.VerificationResults[check] = result
	}
	for _, attribute := range request.Signature.UnprocessedAttributes {
		if strings.HasPrefix(attribute, ownAttributes) {
			response.ProcessedAttributes = append(response.ProcessedAttributes, attribute)
		}
	}
	return response, nil
}
