// Command nv2-peer drives the Notary Project's Go libraries, so that nv2's tests can compare
// themselves with the reference implementation. See README.md for the requests and responses.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxRequestBytes bounds one line of standard input.
const maxRequestBytes = 64 << 20

// errNegative marks a request that was understood and answered with "no" (a refused signature, say)
// so that the exit code is 1 while the response stands on standard output.
var errNegative = errors.New("negative answer")

var commands = map[string]func(args []string) error{
	"sign":             lines(sign),
	"verify":           lines(verify),
	"judge":            lines(judge),
	"envelope-sign":    lines(envelopeSign),
	"envelope-verify":  lines(envelopeVerify),
	"chain-validate":   lines(chainValidate),
	"name-format":      lines(nameFormat),
	"certificate-read": lines(certificateRead),
	"policy-validate":  lines(policyValidate),
	"config-read":      lines(configRead),
	"bench-verify":     lines(benchVerify),
	"bench-judge":      lines(benchJudge),
	"timestamp-verify": lines(timestampVerify),
	"blob-sign":        lines(blobSign),
	"blob-verify":      lines(blobVerify),
	"blob-policy":      lines(blobPolicyValidate),
	"plugin-call":      lines(pluginCall),
	"crl-cache":        lines(crlCache),
	"measure":          lines(measure),
	"registry":         serveRegistry,
	"version":          showVersion,
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		if !errors.Is(err, errNegative) {
			fmt.Fprintln(os.Stderr, "nv2-peer: "+err.Error())
		}
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errors.New("a subcommand is expected; see README.md")
	}
	command, ok := commands[args[0]]
	if !ok {
		return fmt.Errorf("unknown subcommand %q", args[0])
	}
	return command(args[1:])
}

// lines makes a subcommand of a function: each line of standard input is a request in JSON, each
// line of standard output its response, in the same order. A response whose field "ok" is false
// makes the exit code 1 once all are answered; an error ends the run at once.
func lines[Q any, R answer](handle func(*Q) (R, error)) func([]string) error {
	return func([]string) error {
		scanner := bufio.NewScanner(os.Stdin)
		scanner.Buffer(nil, maxRequestBytes)
		output := bufio.NewWriter(os.Stdout)
		defer output.Flush()
		encoder := json.NewEncoder(output)
		encoder.SetEscapeHTML(false)
		var result error
		for number := 1; scanner.Scan(); number++ {
			var request Q
			if err := json.Unmarshal(scanner.Bytes(), &request); err != nil {
				return fmt.Errorf("request %d: %w", number, err)
			}
			response, err := handle(&request)
			if err != nil {
				return fmt.Errorf("request %d: %w", number, err)
			}
			if !response.positive() {
				result = errNegative
			}
			if err := encoder.Encode(response); err != nil {
				return err
			}
		}
		if err := scanner.Err(); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading standard input: %w", err)
		}
		return result
	}
}

// answer is a response: every one says yes or no.
type answer interface{ positive() bool }

// verdict is the part that all responses share.
type verdict struct {
	OK    bool   `json:"ok"`
	Stage string `json:"stage,omitempty"` // where it failed, if more than one place is possible
	Error string `json:"error,omitempty"`
}

func (v verdict) positive() bool { return v.OK }

func refused(stage string, err error) verdict {
	return verdict{Stage: stage, Error: err.Error()}
}
