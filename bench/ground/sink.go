package ground

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
)

// Sink is a mail server that counts the mails it is given and keeps none.
type Sink struct {
	listener net.Listener
	count    atomic.Int64
}

// OpenSink listens on a free port of the loopback.
func OpenSink() (*Sink, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for mails: %w", err)
	}
	s := &Sink{listener: l}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // closed
			}
			go s.serve(conn)
		}
	}()
	return s, nil
}

// Port is where it listens.
func (s *Sink) Port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// Count is how many mails it took.
func (s *Sink) Count() int { return int(s.count.Load()) }

// Close ends it.
func (s *Sink) Close() error { return s.listener.Close() }

// serve speaks as much of RFC 5321 as our client asks for.
func (s *Sink) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	reader := bufio.NewReaderSize(conn, 64<<10)
	say := func(line string) bool {
		_, err := conn.Write([]byte(line + "\r\n"))
		return err == nil
	}
	going := say("220 bench")
	for going {
		line, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		switch verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " "); verb {
		case "EHLO", "HELO":
			going = say("250-bench\r\n250 8BITMIME")
		case "DATA":
			if !say("354 go on") {
				return
			}
			for {
				line, err := reader.ReadSlice('\n')
				if err != nil && len(line) == 0 {
					return
				}
				if string(line) == ".\r\n" {
					break
				}
			}
			s.count.Add(1)
			going = say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			going = say("250 ok")
		}
	}
}
