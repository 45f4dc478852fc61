package flow_test

import (
	"testing"

	"github.com/teiki-commerce/teiki/internal/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }
