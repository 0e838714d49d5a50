package dev.gyre.scheduler;

import dev.gyre.backend.Device;
import dev.gyre.backend.Executable;
import dev.gyre.backend.Traffic;
import dev.gyre.decoding.Candidates;
import dev.gyre.decoding.Hypothesis;
import dev.gyre.scheduler.StepListener.Step;
import dev.gyre.transformer.Seq2SeqProgram;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that uses a device. A sentence goes inbox → window (sorted by length) → encoded → running → done; each
 * turn of the loop moves what can move and then runs the decoder once.
 */
final class Dispatcher implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    /** Sentences that are sorted together: enough to fill many encoder runs, few enough to come back soon. */
    static final int WINDOW = 2048;

    private final Device device;
    private final Executable executable;
    private final Inbox inbox;
    private final List<StepListener> listeners = new CopyOnWriteArrayList<>();
    private final @Nullable Encoding encoding;
    private final Decoding decoding;
    private final Slots slots;
    private final MemoryRows memory;
    private final int encoderTokens;

    private final ArrayDeque<Sentence> window = new ArrayDeque<>();
    private final ArrayDeque<Sentence> encoded = new ArrayDeque<>();
    private final List<Sentence> running = new ArrayList<>();
    private final List<Sentence> inRun = new ArrayList<>();
    private final List<Sentence> arrived = new ArrayList<>();
    private int windowTokens;

    Dispatcher(Device device, Executable executable, Seq2SeqProgram program, int vocabulary, Inbox inbox) {
        this.device = device;
        this.executable = executable;
        this.inbox = inbox;
        slots = new Slots(program.capacity().slots());
        memory = new MemoryRows(program.capacity().memoryRows());
        encoding = program.hasEncoder() ? new Encoding(program) : null;
        decoding = new Decoding(program, slots, vocabulary);
        encoderTokens = program.capacity().tokens();
    }

    void listen(StepListener listener) {
        listeners.add(listener);
    }

    @Override
    public void run() {
        Throwable failure = null;
        try {
            while (fillWindow()) {
                dropCancelled();
                if (encodingIsDue()) {
                    encode();
                }
                admit();
                if (!running.isEmpty()) {
                    decode();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            LOG.debug("the dispatcher of {} ends", device.description().id(), e);
            failure = e;
        } finally {
            end(failure);
        }
    }

    private boolean fillWindow() throws InterruptedException {
        boolean idle = running.isEmpty() && encoded.isEmpty() && window.isEmpty();
        if (!window.isEmpty()) {
            return !inbox.closed();
        }
        boolean open = inbox.move(arrived, WINDOW, idle);
        arrived.sort(Comparator.comparingInt((Sentence s) -> s.source.length).reversed());
        for (Sentence s : arrived) {
            window.add(s);
            windowTokens += s.source.length;
        }
        arrived.clear();
        return open;
    }

    /** Sentences that nobody waits for leave. */
    private void dropCancelled() {
        running.removeIf(s -> {
            if (s.future.isDone()) {
                slots.release(s.slots);
                releaseMemory(s);
                return true;
            }
            return false;
        });
        encoded.removeIf(s -> {
            if (s.future.isDone()) {
                releaseMemory(s);
                return true;
            }
            return false;
        });
    }

    /**
     * Encoder runs should be large: the next is due when nothing encoded waits any more, slots are free, and the memory
     * takes half a full run, or all that is there, or nothing runs that would free some.
     */
    private boolean encodingIsDue() {
        if (window.isEmpty() || !encoded.isEmpty()) {
            return false;
        }
        if (running.isEmpty()) {
            return true;
        }
        return slots.freeSlots() >= window.getFirst().settings.hypotheses()
                && memory.freeRows() >= Math.min(encoderTokens / 2, windowTokens);
    }

    private void encode() {
        if (encoding == null) {
            // A prompt is read by the decoder itself.
            encoded.addAll(window);
            window.clear();
            windowTokens = 0;
            return;
        }
        encoding.clear();
        while (!window.isEmpty()) {
            Sentence s = window.getFirst();
            if (!s.future.isDone()) {
                if (!encoding.fits(s.source.length)) {
                    break;
                }
                int first = memory.take(s.source.length);
                if (first < 0) {
                    break;
                }
                s.memoryFirst = first;
                encoding.add(s.source, first);
                encoded.add(s);
            }
            window.removeFirst();
            windowTokens -= s.source.length;
        }
        if (encoding.sequences() > 0) {
            Traffic before = device.traffic();
            encoding.run(executable);
            Step step = new Step(
                    encoding.rows(),
                    encoding.sequences(),
                    0,
                    0,
                    0,
                    device.traffic().since(before));
            tell(l -> l.encoded(step));
        }
    }

    /** Encoded sentences take slots, in their order. */
    private void admit() {
        while (!encoded.isEmpty() && encoded.getFirst().settings.hypotheses() <= slots.freeSlots()) {
            Sentence s = encoded.removeFirst();
            s.slots = new int[s.settings.hypotheses()];
            slots.take(s.slots);
            running.add(s);
        }
    }

    private void decode() {
        decoding.clear();
        inRun.clear();
        // Rows of logits are read from the first on, so those who need them come first.
        for (Sentence s : running) {
            if (decoding.needsLogits(s) && decoding.fits(s)) {
                decoding.add(s);
                inRun.add(s);
            }
        }
        for (Sentence s : running) {
            if (!decoding.needsLogits(s) && decoding.fits(s)) {
                decoding.add(s);
                inRun.add(s);
            }
        }
        Traffic before = device.traffic();
        decoding.run(executable);
        Candidates candidates = decoding.read(executable);
        Traffic traffic = device.traffic().since(before);
        Step step =
                new Step(decoding.rows(), inRun.size(), decoding.picks(), decoding.top(), decoding.edits(), traffic);
        tell(l -> l.decoded(step));
        for (Sentence s : inRun) {
            if (s.complete) {
                advance(s, candidates);
            }
            if (s.over) {
                slots.release(s.slots);
                releaseMemory(s);
            }
        }
        boolean all = inRun.size() == running.size();
        running.removeIf(s -> s.over);
        if (!all) {
            // Those who had to wait come first in the next run.
            running.sort(Comparator.comparingInt(s -> inRun.contains(s) ? 1 : 0));
        }
    }

    /** Rules and listeners of the caller's run here: whatever they throw fails their request, and no other. */
    private static void advance(Sentence s, Candidates candidates) {
        try {
            s.search.take(candidates, s.firstPick);
            s.search.force();
            s.tell();
            if (s.search.finished()) {
                List<Hypothesis> results = s.search.results();
                s.over = true;
                s.future.completeAsync(() -> results);
            }
        } catch (Throwable e) {
            s.over = true;
            elsewhere(s, () -> s.future.completeExceptionally(e));
        }
    }

    /** Completes a sentence on a thread where what callers do then may wait: this one belongs to the device. */
    private static void elsewhere(Sentence s, Runnable completion) {
        s.future.defaultExecutor().execute(completion);
    }

    private void tell(Consumer<StepListener> run) {
        for (StepListener listener : listeners) {
            try {
                run.accept(listener);
            } catch (Throwable e) {
                listeners.remove(listener);
                LOG.warn(
                        "a listener to the runs of {} failed and hears of no more",
                        device.description().id(),
                        e);
            }
        }
    }

    private void releaseMemory(Sentence s) {
        if (s.memoryFirst >= 0) {
            memory.release(s.memoryFirst, s.source.length);
        }
    }

    private void end(@Nullable Throwable failure) {
        List<Sentence> left = new ArrayList<>(inbox.close(failure));
        left.addAll(window);
        left.addAll(encoded);
        left.addAll(running);
        for (Sentence s : left) {
            elsewhere(s, () -> {
                if (failure == null) {
                    s.future.cancel(false);
                } else {
                    s.future.completeExceptionally(failure);
                }
            });
        }
        try {
            executable.close();
            device.close();
        } catch (RuntimeException e) {
            LOG.warn("closing {} failed: {}", device.description().id(), e.toString());
        }
    }
}
