package main

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

type measureRequest struct {
	Program     string   `json:"program"`
	Arguments   []string `json:"arguments"`
	Environment []string `json:"environment"` // NAME=value; none is inherited
	Input       string   `json:"input"`
}

type measureResponse struct {
	verdict
	Nanoseconds     int64  `json:"nanoseconds"`      // from before the start until the end was seen
	CPUNanoseconds  int64  `json:"cpuNanoseconds"`   // user and system
	MaxRSSKilobytes int64  `json:"maxRssKilobytes"`  // never below what this process has itself
	Output          string `json:"output,omitempty"` // of both streams
}

// measure runs a program to its end, as a shell would, and says what it took.
func measure(request *measureRequest) (measureResponse, error) {
	command := exec.Command(request.Program, request.Arguments...)
	command.Env = append([]string{}, request.Environment...)
	command.Stdin = strings.NewReader(request.Input)
	var output bytes.Buffer
	command.Stdout = &output
	command.Stderr = &output
	start := time.Now()
	err := command.Run()
	response := measureResponse{verdict: verdict{OK: true}, Nanoseconds: time.Since(start).Nanoseconds()}
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		return response, err
	}
	response.Output = output.String()
	response.CPUNanoseconds = (command.ProcessState.UserTime() + command.ProcessState.SystemTime()).Nanoseconds()
	if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		response.MaxRSSKilobytes = usage.Maxrss
	}
	if err != nil {
		response.verdict = refused("run", err)
	}
	return response, nil
}
