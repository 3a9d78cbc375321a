package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// showVersion is what the version command of a program costs that links notation-go and does
// nothing with it.
func showVersion([]string) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return fmt.Errorf("this was built without its module's information")
	}
	for _, module := range info.Deps {
		if module.Path == "github.com/notaryproject/notation-go" {
			fmt.Printf("notation-go %s, %s, %s/%s\n", module.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		}
	}
	return fmt.Errorf("notation-go is not linked")
}
