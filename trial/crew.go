package trial

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// crew is the worker processes of a drill, each at a door of its own of the relay. Safe for concurrent use.
type crew struct {
	self    string
	posts   []*post
	died    atomic.Int64 // processes that ended though nobody told them to
	slowest atomic.Int64 // the longest that one took to end after SIGTERM, in nanoseconds
	memory  atomic.Int64 // the most that one has had at once, in bytes
	closing atomic.Bool
	failed  func(error)
}

// termLimit is how long a process may take to end in good order (F4).
const termLimit = 30 * time.Second

// post is the place of one worker process. The lock is held by whoever does something to the process.
type post struct {
	sync.Mutex
	crew  *crew
	door  int
	env   []string
	words *os.File // what the processes say
	p     *process
}

// startCrew starts a worker for each environment. failed is told when one cannot be started again.
func startCrew(self, dir string, envs [][]string, failed func(error)) (*crew, error) {
	c := &crew{self: self, failed: failed}
	for i, env := range envs {
		words, err := os.Create(filepath.Join(dir, fmt.Sprintf("worker-%d.log", i)))
		if err != nil {
			return c, err
		}
		p := &post{crew: c, door: i, env: env, words: words}
		c.posts = append(c.posts, p)
		if err := p.start(); err != nil {
			return c, err
		}
	}
	return c, nil
}

// start starts a process at a post. The lock is held, or nobody else knows of the post yet.
func (t *post) start() error {
	p, err := startAside(t.crew.self, t.env, t.words, "work", "--hurry", fmt.Sprint(hurry))
	if err != nil {
		return err
	}
	t.p = p
	go t.watch(p)
	return nil
}

// watch starts another process when one has ended by itself, as a service manager does.
func (t *post) watch(p *process) {
	<-p.ended
	t.Lock()
	defer t.Unlock()
	if t.p != p || t.crew.closing.Load() {
		return // whoever ended it has started the next one
	}
	t.crew.died.Add(1)
	fmt.Fprintf(t.words, "--- ended by itself: %v\n", p.err)
	time.Sleep(200 * time.Millisecond)
	if err := t.start(); err != nil {
		t.crew.failed(err)
	}
}

// measure notes the memory of the process that is there. The lock is held.
func (t *post) measure() {
	peak, err := peakMemory(t.p.cmd.Process.Pid)
	if err != nil {
		return // it has just ended
	}
	raise(&t.crew.memory, peak)
}

// raise makes n at least value.
func raise(n *atomic.Int64, value int64) {
	for before := n.Load(); value > before && !n.CompareAndSwap(before, value); before = n.Load() {
	}
}

// kill ends the process as a power cut would and starts another at once; it returns when the first was told and when it was gone.
func (t *post) kill() (from, to time.Time, err error) {
	t.measure()
	from = time.Now()
	t.p.kill()
	to = time.Now()
	return from, to, t.start()
}

// term ends the process in good order and starts another.
func (t *post) term() error {
	t.end()
	return t.start()
}

func (t *post) end() {
	t.measure()
	from := time.Now()
	if err := t.p.stop(termLimit); err != nil {
		fmt.Fprintf(t.words, "--- after SIGTERM: %v\n", err)
	}
	raise(&t.crew.slowest, int64(time.Since(from)))
}

// freeze stops the process for a while and lets it go on.
func (t *post) freeze(d time.Duration) error {
	if err := t.p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	time.Sleep(d)
	return t.p.cmd.Process.Signal(syscall.SIGCONT)
}

// close ends all in good order.
func (c *crew) close() {
	c.closing.Store(true)
	var all sync.WaitGroup
	for _, t := range c.posts {
		all.Go(func() {
			t.Lock()
			defer t.Unlock()
			if t.p != nil {
				t.end()
			}
			t.words.Close()
		})
	}
	all.Wait()
}
