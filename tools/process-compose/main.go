// The supervisor of the lab's processes, under its own name: the upstream package would be built as "src".
package main

import "github.com/f1bonacc1/process-compose/src/cmd"

func main() {
	cmd.Execute()
}
