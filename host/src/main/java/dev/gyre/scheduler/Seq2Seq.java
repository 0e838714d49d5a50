package dev.gyre.scheduler;

import dev.gyre.backend.ComputeType;
import dev.gyre.backend.Device;
import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceException;
import dev.gyre.backend.Executable;
import dev.gyre.backend.MemoryPlan;
import dev.gyre.backend.OutOfMemoryException;
import dev.gyre.backend.WeightSource;
import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.Hypothesis;
import dev.gyre.decoding.NoTokenException;
import dev.gyre.decoding.Option;
import dev.gyre.decoding.Search;
import dev.gyre.decoding.SearchSettings;
import dev.gyre.decoding.Target;
import dev.gyre.transformer.AttentionMaps;
import dev.gyre.transformer.Capacity;
import dev.gyre.transformer.Seq2SeqProgram;
import dev.gyre.transformer.Transformer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * An encoder-decoder, or a decoder-only model, on a device: token ids in, token ids out. The source of a decoder-only
 * model is its prompt, which the hypotheses begin with. Safe for many threads; one thread of its own uses the
 * device. Requests with different options run in one batch, and none depends on the others.
 *
 * <p>A future that is cancelled, or completed by its caller or a timeout, leaves the device before its next run. When the device fails, every request that is
 * not done fails with the cause, and so does every later one.
 */
public final class Seq2Seq implements AutoCloseable {

    private static final int[] EMPTY = {};

    private final DeviceDescription device;
    private final ComputeType computeType;
    private final MemoryPlan memory;
    private final Capacity capacity;
    private final GenerationOptions defaults;
    private final OverlongSource overlong;
    private final Target target;
    private final boolean encodes;
    private final int sourceVocabulary;
    private final List<Integer> ends;
    private final int maxSource;
    private final Inbox inbox = new Inbox();
    private final Dispatcher dispatcher;
    private final Thread thread;

    /**
     * Puts a model on a device. The device belongs to this object from here on, and is closed with it, also if this
     * fails.
     *
     * @param weights read once, now
     * @param defaults options of the model, below those of requests
     * @throws OutOfMemoryException if it does not fit, before anything is uploaded
     */
    public Seq2Seq(
            Device device,
            Transformer model,
            WeightSource weights,
            GenerationOptions defaults,
            CapacityPlan plan,
            OverlongSource overlong) {
        this.device = device.description();
        computeType = device.options().computeType();
        this.defaults = defaults;
        this.overlong = overlong;
        int vocabulary = Objects.requireNonNull(model.output()).outputs();
        ends = Objects.requireNonNullElse(defaults.get(Option.EOS_TOKEN_ID), List.of());
        encodes = model.encoder() != null;
        sourceVocabulary = encodes ? model.encoder().vocabulary() : vocabulary;
        try {
            Compiled compiled = compile(device, model, weights, plan);
            capacity = compiled.program().capacity();
            memory = compiled.executable().memory();
            dispatcher = new Dispatcher(device, compiled.executable(), compiled.program(), vocabulary, inbox);
        } catch (RuntimeException | Error e) {
            device.close();
            throw e;
        }
        target = new Target(vocabulary, capacity.positions());
        maxSource = encodes ? Math.min(model.maxSource(), capacity.tokens()) : capacity.positions();
        thread = Thread.ofPlatform().daemon().name("gyre-" + this.device.id()).start(dispatcher);
    }

    private record Compiled(Executable executable, Seq2SeqProgram program) {}

    /** Compiles for the largest capacity that fits. */
    private static Compiled compile(Device device, Transformer model, WeightSource weights, CapacityPlan plan) {
        long limit = device.options().memoryLimit();
        long comfortable = limit > 0 ? limit : device.description().memoryBytes() / 5 * 3;
        int tokens = plan.tokensFor(device.description());
        while (true) {
            Seq2SeqProgram program = Seq2SeqProgram.of(model, plan.of(model, tokens), AttentionMaps.NONE);
            boolean mayHalve = plan.mayHalve(tokens);
            if (!mayHalve || MemoryPlan.of(program.program()).total() <= comfortable) {
                try {
                    return new Compiled(device.compile(program.program(), weights), program);
                } catch (OutOfMemoryException e) {
                    if (!mayHalve) {
                        throw e;
                    }
                }
            }
            tokens /= 2;
        }
    }

    /**
     * Starts a request.
     *
     * @return its hypotheses, best first; never empty. An empty source has one empty hypothesis. Fails with {@link
     *     NoTokenException} where no token can come, and with what a rule or a listener of the request throws
     * @throws SourceTooLongException if the source is too long and is not to be truncated
     * @throws IllegalArgumentException in one line, if an option or a token cannot be
     * @throws DeviceException if the device has failed
     * @throws IllegalStateException if this is closed
     */
    public CompletableFuture<List<Hypothesis>> submit(Seq2SeqRequest request) {
        SearchSettings settings = settings(request);
        int[] source = encodes ? source(request.source()) : settings.prompt();
        if (source.length == 0) {
            int[] start = {settings.prompt()[0]};
            return CompletableFuture.completedFuture(List.of(new Hypothesis(start, 1, 0, false, new float[0])));
        }
        checkEdits(settings, source);
        if (request.listener() != null && (settings.numBeams() > 1 || settings.numReturnSequences() > 1)) {
            throw new IllegalArgumentException("tokens come one by one only with num_beams 1 and num_return_sequences"
                    + " 1, not " + settings.numBeams() + " and " + settings.numReturnSequences());
        }
        Search search = Search.of(settings, source, target.vocabulary(), request.index());
        Sentence sentence = new Sentence(encodes ? source : EMPTY, settings, search, request.listener());
        if (forced(sentence)) {
            return sentence.future;
        }
        if (!inbox.add(sentence)) {
            Throwable failure = inbox.failure();
            if (failure != null) {
                throw new DeviceException(device.id() + " has failed: " + failure.getMessage(), failure);
            }
            throw new IllegalStateException("this is closed");
        }
        return sentence.future;
    }

    /** Takes the tokens that are forced; whether the sentence is done with that, and so needs no device. */
    private static boolean forced(Sentence s) {
        try {
            s.search.force();
            if (!s.search.finished()) {
                return false;
            }
            s.tell();
            s.future.complete(s.search.results());
        } catch (Throwable e) {
            // A rule or a listener of the caller's, as on the thread of the device.
            s.future.completeExceptionally(e);
        }
        return true;
    }

    /** Runs requests and waits for them; results in their order. Throws what {@link #submit} throws. */
    public List<List<Hypothesis>> generate(List<Seq2SeqRequest> requests) {
        List<CompletableFuture<List<Hypothesis>>> futures = new ArrayList<>(requests.size());
        try {
            requests.forEach(r -> futures.add(submit(r)));
            List<List<Hypothesis>> results = new ArrayList<>(futures.size());
            futures.forEach(f -> results.add(f.join()));
            return results;
        } catch (CompletionException e) {
            futures.forEach(f -> f.cancel(false));
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        } catch (RuntimeException e) {
            futures.forEach(f -> f.cancel(false));
            throw e;
        }
    }

    /** The settings that options come to with this model behind a start token; throws what {@link #submit} would. */
    public SearchSettings settings(GenerationOptions options) {
        return settings(options, null);
    }

    /** The settings of a request; throws what {@link #submit} would. */
    public SearchSettings settings(Seq2SeqRequest request) {
        return settings(request.options(), encodes ? null : source(request.source()));
    }

    private SearchSettings settings(GenerationOptions options, int @Nullable [] prompt) {
        SearchSettings settings = SearchSettings.of(options, defaults, target, prompt);
        if (settings.hypotheses() > capacity.slots()) {
            throw new IllegalArgumentException("a sentence with " + settings.hypotheses()
                    + " hypotheses does not fit into " + capacity.slots()
                    + " slots: lower num_beams or num_return_sequences, or open the model for more");
        }
        int candidates = settings.candidates(target.vocabulary());
        if (!settings.sample() && candidates > capacity.top()) {
            throw new IllegalArgumentException("num_beams " + settings.numBeams() + " with "
                    + settings.endTokens().length + " end tokens needs " + candidates
                    + " candidates per row; the model was opened for " + capacity.top()
                    + ": lower num_beams or open the model for more hypotheses");
        }
        return settings;
    }

    public DeviceDescription device() {
        return device;
    }

    /** The type that the device computes in; never {@link ComputeType#AUTO}. */
    public ComputeType computeType() {
        return computeType;
    }

    /** Bytes on the device by purpose. */
    public MemoryPlan memory() {
        return memory;
    }

    public Capacity capacity() {
        return capacity;
    }

    /** Source tokens that are taken at most. */
    public int maxSource() {
        return maxSource;
    }

    public Target target() {
        return target;
    }

    /** Tells a listener about every run from now on; one that throws hears of no more. */
    public void listen(StepListener listener) {
        dispatcher.listen(listener);
    }

    /** Cancels what is not done, and frees the device. Closing twice is no error. */
    @Override
    public void close() {
        inbox.close(null).forEach(s -> s.future.cancel(false));
        if (Thread.currentThread() == thread) {
            return;
        }
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private int[] source(int[] tokens) {
        for (int t : tokens) {
            if (t < 0 || t >= sourceVocabulary) {
                throw new IllegalArgumentException(
                        "the source has token " + t + "; the source vocabulary has " + sourceVocabulary + " tokens");
            }
        }
        if (tokens.length <= maxSource) {
            return tokens.clone();
        }
        if (overlong == OverlongSource.REJECT) {
            throw new SourceTooLongException(tokens.length, maxSource);
        }
        // What else stands around a text only its tokenizer knows: Translator cuts texts before they come here.
        int[] cut = Arrays.copyOf(tokens, maxSource);
        int last = tokens[tokens.length - 1];
        if (ends.contains(last)) {
            cut[maxSource - 1] = last;
        }
        return cut;
    }

    private void checkEdits(SearchSettings settings, int[] source) {
        long edits = settings.editsPerRow(target.vocabulary(), source.length) * settings.hypotheses();
        if (edits > capacity.edits()) {
            throw new IllegalArgumentException("bad words, suppressed tokens and penalties may come to " + edits
                    + " changes in one step; the model was opened for " + capacity.edits()
                    + ": give fewer, or open the model with more batch tokens");
        }
    }
}
