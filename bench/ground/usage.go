package ground

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of the kernel's CPU times: USER_HZ is 100 on every Linux that
// Go runs on.
const tick = 10 * time.Millisecond

// Fields of /proc/PID/stat after the name (proc(5)), counted from the state.
const (
	fieldParent   = 1
	fieldUser     = 11
	fieldSystem   = 12
	fieldReaped   = 13 // user time of children that ended
	fieldReapedBy = 14 // system time of those
)

// CPU is the time that a process has computed, with that of its children, those
// that have ended included.
func CPU(pid int) (time.Duration, error) {
	if pid == 0 {
		return 0, nil
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	own, err := fields(pid)
	if err != nil {
		return 0, fmt.Errorf("read the CPU time of process %d: %w", pid, err)
	}
	total := own[fieldUser] + own[fieldSystem] + own[fieldReaped] + own[fieldReapedBy]
	for _, path := range stats {
		id, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			continue
		}
		child, err := fields(id)
		if err != nil || child[fieldParent] != int64(pid) {
			continue // gone meanwhile, or somebody else's
		}
		total += child[fieldUser] + child[fieldSystem]
	}
	return time.Duration(total) * tick, nil
}

func fields(pid int) ([]int64, error) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil, err
	}
	_, rest, _ := strings.Cut(string(content), ") ")
	words := strings.Fields(rest)
	if len(words) <= fieldReapedBy {
		return nil, fmt.Errorf("unexpected %q", content)
	}
	numbers := make([]int64, len(words))
	for i, w := range words {
		numbers[i], _ = strconv.ParseInt(w, 10, 64) // the state is a letter
	}
	return numbers, nil
}

// PeakMB is the most memory that a process has had resident, in megabytes.
func PeakMB(pid int) (float64, error) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read the memory of process %d: %w", pid, err)
	}
	for line := range strings.Lines(string(content)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024, err
		}
	}
	return 0, fmt.Errorf("no VmHWM of process %d", pid)
}

// Machine describes where the figures come from.
type Machine struct {
	CPU      string  `json:"cpu"`
	Cores    int     `json:"cores"`
	MemoryMB int     `json:"memory_mb"`
	Kernel   string  `json:"kernel"`
	Load     float64 `json:"load"` // of the last minute, before the run
}

// ThisMachine reads what the kernel tells of the machine; what it does not tell
// stays empty.
func ThisMachine() Machine {
	m := Machine{Cores: runtime.NumCPU()}
	m.CPU = after("/proc/cpuinfo", "model name")
	if kb, err := strconv.Atoi(strings.TrimSuffix(after("/proc/meminfo", "MemTotal"), " kB")); err == nil {
		m.MemoryMB = kb / 1024
	}
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = strings.TrimSpace(string(release))
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.Load, _ = strconv.ParseFloat(strings.Fields(string(load))[0], 64)
	}
	return m
}

// after is the value behind the first line's key of a file like /proc/cpuinfo.
func after(path, key string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(content)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// Percentile of sorted durations, by the nearest rank; zero of none.
func Percentile(sorted []time.Duration, percent int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max((len(sorted)*percent+99)/100, 1)-1]
}
