package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/notaryproject/notation-go/dir"
	"github.com/notaryproject/notation-go/plugin"
	framework "github.com/notaryproject/notation-plugin-framework-go/plugin"
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

type pluginCallRequest struct {
	pluginTarget
	Command framework.Command `json:"command"`
	Request json.RawMessage   `json:"request"`
}

type pluginCallResponse struct {
	verdict
	Response any `json:"response,omitempty"`
}

// pluginCall gives one command to a plugin, through notation-go's plugin manager.
func pluginCall(request *pluginCallRequest) (pluginCallResponse, error) {
	found, err := request.find()
	if err != nil {
		return pluginCallResponse{verdict: refused("find", err)}, nil
	}
	switch request.Command {
	case framework.CommandGetMetadata:
		return callWith(found.GetMetadata, request.Request)
	case framework.CommandDescribeKey:
		return callWith(found.DescribeKey, request.Request)
	case framework.CommandGenerateSignature:
		return callWith(found.GenerateSignature, request.Request)
	case framework.CommandGenerateEnvelope:
		return callWith(found.GenerateEnvelope, request.Request)
	case framework.CommandVerifySignature:
		return callWith(found.VerifySignature, request.Request)
	}
	return pluginCallResponse{}, fmt.Errorf("command: unknown %q", request.Command)
}

func callWith[Q, R any](call func(context.Context, *Q) (*R, error), raw json.RawMessage) (pluginCallResponse, error) {
	var request Q
	if err := json.Unmarshal(raw, &request); err != nil {
		return pluginCallResponse{}, err
	}
	response, err := call(context.Background(), &request)
	if err != nil {
		return pluginCallResponse{verdict: refused("call", err)}, nil
	}
	return pluginCallResponse{verdict: verdict{OK: true}, Response: response}, nil
}
