// Whether CloudNativePG's own webhook would take the Cluster on standard input.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	api "github.com/cloudnative-pg/cloudnative-pg/api/v1"
	webhook "github.com/cloudnative-pg/cloudnative-pg/internal/webhook/v1"
)

func main() {
	var cluster api.Cluster
	if err := json.NewDecoder(os.Stdin).Decode(&cluster); err != nil {
		log.Fatal(err)
	}
	if err := (&webhook.ClusterCustomDefaulter{}).Default(context.Background(), &cluster); err != nil {
		log.Fatal(err)
	}
	if _, err := (&webhook.ClusterCustomValidator{}).ValidateCreate(context.Background(), &cluster); err != nil {
		log.Fatal(err)
	}
}
