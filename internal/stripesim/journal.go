package stripesim

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
)

// change is one object as it is after a request. Kind names its type, Sim holds what the API does not show.
type change struct {
	Kind   string          `json:"k"`
	Object json.RawMessage `json:"o"`
	Sim    json.RawMessage `json:"x,omitempty"`

	// written, where it is set, is told where in the file Object stands.
	written func(place)
}

// place is a stretch of the state file.
type place struct{ offset, length int64 }

// entry is one line of the journal: everything one request changed, and the id counter after it.
type entry struct {
	Sequence uint64   `json:"n"`
	Changes  []change `json:"c"`
}

// journal is the append-only state file. Each request is one write to the operating system and no fsync: a killed
// process loses nothing, a power cut may lose the last moments, which a stand-in for a remote server may.
type journal struct {
	file *os.File // nil keeps the state in memory only
	size int64
	buf  bytes.Buffer
}

func (j *journal) write(sequence uint64, changes []change) error {
	if j.file == nil {
		return nil
	}
	j.buf.Reset()
	j.buf.WriteString(`{"n":`)
	j.buf.WriteString(strconv.FormatUint(sequence, 10))
	j.buf.WriteString(`,"c":[`)
	for i, c := range changes {
		if i > 0 {
			j.buf.WriteByte(',')
		}
		j.buf.WriteString(`{"k":"` + c.Kind + `","o":`)
		at := place{j.size + int64(j.buf.Len()), int64(len(c.Object))}
		j.buf.Write(c.Object)
		if len(c.Sim) > 0 {
			j.buf.WriteString(`,"x":`)
			j.buf.Write(c.Sim)
		}
		j.buf.WriteByte('}')
		if c.written != nil {
			c.written(at)
		}
	}
	j.buf.WriteString("]}\n")
	n, err := j.file.Write(j.buf.Bytes())
	j.size += int64(n)
	if err != nil {
		return fmt.Errorf("append to the state file: %w", err)
	}
	return nil
}

// read decodes the object at a place of the file.
func (j *journal) read(at place, into any) error {
	raw := make([]byte, at.length)
	if _, err := j.file.ReadAt(raw, at.offset); err != nil {
		return fmt.Errorf("read the state file: %w", err)
	}
	return json.Unmarshal(raw, into)
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("write the state file to disk: %w", err)
	}
	return j.file.Close()
}

// readJournal hands every entry of the file to apply. A last line without its end was being written when the
// process died: it is dropped. Any other line that cannot be read is an error.
func readJournal(path string, apply func(entry) error) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	reader := bufio.NewReaderSize(file, 1<<20)
	for number := 1; ; number++ {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		if err := apply(e); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
}

// rewrite replaces the file by one that holds only the given objects, and opens it for appending. The new file is
// complete on disk before it takes the old one's name.
func rewrite(path string, sequence uint64, changes []change) (journal, error) {
	const perLine = 64
	next := path + ".new"
	file, err := os.OpenFile(next, os.O_CREATE|os.O_TRUNC|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return journal{}, err
	}
	j := journal{file: file}
	for len(changes) > 0 {
		n := min(perLine, len(changes))
		if err := j.write(sequence, changes[:n]); err != nil {
			return journal{}, errors.Join(err, file.Close())
		}
		changes = changes[n:]
	}
	if err := errors.Join(file.Sync(), os.Rename(next, path)); err != nil {
		return journal{}, errors.Join(err, file.Close())
	}
	return j, nil
}
