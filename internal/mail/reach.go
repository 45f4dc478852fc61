package mail

import "context"

// Reach connects, greets, protects the connection and logs in as Send does, and
// sends nothing. The connection is kept for the next mail.
func (s *SMTP) Reach(ctx context.Context) error {
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	s.keep(conn)
	return nil
}
