package main

import (
	"context"

	"github.com/notaryproject/notation-go/dir"
	"github.com/notaryproject/notation-go/plugin"
	"github.com/notaryproject/notation-go/plugin/proto"
)

// pluginTarget names a plugin in a directory of plugins.
type pluginTarget struct {
	Plugins string            `json:"plugins"` // holds <name>/notation-<name>
	Plugin  string            `json:"plugin"`
	Config  map[string]string `json:"pluginConfig"`
}

// find looks the plugin up as notation does.
func (t *pluginTarget) find() (plugin.Plugin, error) {
	return plugin.NewCLIManager(dir.NewSysFS(t.Plugins)).Get(context.Background(), t.Plugin)
}

type pluginMetadataResponse struct {
	verdict
	Metadata *proto.GetMetadataResponse `json:"metadata,omitempty"`
}

// pluginMetadata says what notation-go's plugin manager finds.
func pluginMetadata(request *pluginTarget) (pluginMetadataResponse, error) {
	found, err := request.find()
	if err != nil {
		return pluginMetadataResponse{verdict: refused("find", err)}, nil
	}
	metadata, err := found.GetMetadata(context.Background(), &proto.GetMetadataRequest{PluginConfig: request.Config})
	if err != nil {
		return pluginMetadataResponse{verdict: refused("metadata", err)}, nil
	}
	return pluginMetadataResponse{verdict: verdict{OK: true}, Metadata: metadata}, nil
}
