package dev.gyre;

import dev.gyre.backend.DeviceDescription;
import dev.gyre.backend.DeviceOptions;
import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.Hypothesis;
import dev.gyre.models.ModelDefaults;
import dev.gyre.models.ModelDirectory;
import dev.gyre.scheduler.CapacityPlan;
import dev.gyre.scheduler.OverlongSource;
import dev.gyre.scheduler.Seq2Seq;
import dev.gyre.scheduler.Seq2SeqRequest;
import dev.gyre.tokens.Tokenizer;
import dev.gyre.weights.ModelFormatException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * Continues text with a decoder-only model on a device. Safe for many threads: requests of all of them run in one batch,
 * and none depends on the others. A prompt is text as it stands: chat templates are not applied.
 *
 * <pre>{@code
 * try (TextGenerator generator = TextGenerator.open(Path.of("gpt2"))) {
 *     generator.stream("Once upon a time", GenerationOptions.DEFAULTS, System.out::print);
 * }
 * }</pre>
 */
public final class TextGenerator implements AutoCloseable {

    /** Put into the queue of a stream when nothing more comes. */
    private static final int END = -1;

    private final ModelDirectory model;
    private final Seq2Seq decoder;
    private final TextResults results = new TextResults();

    private TextGenerator(ModelDirectory model, Seq2Seq decoder) {
        this.model = model;
        this.decoder = decoder;
    }

    /**
     * Opens a model folder on the best device.
     *
     * @throws ModelFormatException if the folder does not hold a decoder-only model that is understood
     * @throws dev.gyre.backend.DeviceException if no device can take it
     */
    public static TextGenerator open(Path model) {
        return builder(model).open();
    }

    /** Opens a model folder with more to say about how. */
    public static Builder builder(Path model) {
        return new Builder(model);
    }

    /** Continues a prompt with the model's own options, and waits. Throws what {@link #submit} throws. */
    public Generation generate(String prompt) {
        return generate(prompt, GenerationOptions.DEFAULTS);
    }

    /** Continues a prompt, and waits. */
    public Generation generate(String prompt, GenerationOptions options) {
        return join(submit(prompt, options, 0));
    }

    /** Continues prompts together, and waits; results in their order. If one fails, the others are cancelled. */
    public List<Generation> generate(List<String> prompts, GenerationOptions options) {
        List<CompletableFuture<Generation>> futures = new ArrayList<>(prompts.size());
        try {
            for (String prompt : prompts) {
                futures.add(submit(prompt, options, futures.size()));
            }
            return futures.stream().map(TextGenerator::join).toList();
        } catch (RuntimeException e) {
            futures.forEach(f -> f.cancel(false));
            throw e;
        }
    }

    /**
     * Starts a generation. A future that is cancelled, or completed by its caller or a timeout, leaves the device before
     * its next step. It fails with {@link dev.gyre.decoding.NoTokenException} where no token can come.
     *
     * @param index the number of the prompt among those of the caller; what is sampled depends on it and on the seed
     * @throws IllegalArgumentException in one line, if an option cannot be, or the prompt is too long
     * @throws dev.gyre.backend.DeviceException if the device has failed
     * @throws IllegalStateException if this is closed
     */
    public CompletableFuture<Generation> submit(String prompt, GenerationOptions options, long index) {
        return submit(new Seq2SeqRequest(tokenizer().encode(prompt), options, index));
    }

    /**
     * Generates and hands on the text piece by piece, on the calling thread, as the tokens come. Only for one sequence
     * without beams.
     *
     * @param pieces takes what every token adds; if it throws, the generation is cancelled
     * @return the whole, when it is done
     */
    public Generation stream(String prompt, GenerationOptions options, Consumer<String> pieces) {
        BlockingQueue<Integer> tokens = new LinkedBlockingQueue<>();
        int[] ids = tokenizer().encode(prompt);
        CompletableFuture<Generation> result = submit(new Seq2SeqRequest(ids, options, 0, tokens::add));
        result.whenComplete((_, _) -> tokens.add(END));
        GrowingText text = new GrowingText(tokenizer());
        try {
            for (int id = tokens.take(); id != END; id = tokens.take()) {
                tell(text.add(id), pieces);
            }
            Generation whole = join(result);
            tell(text.end(), pieces);
            return whole;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while tokens were awaited", e);
        } finally {
            result.cancel(false);
        }
    }

    private static void tell(String piece, Consumer<String> pieces) {
        if (!piece.isEmpty()) {
            pieces.accept(piece);
        }
    }

    private CompletableFuture<Generation> submit(Seq2SeqRequest request) {
        return results.of(decoder.submit(request), all -> {
            List<Generation> each = all.stream().map(this::generation).toList();
            Generation best = each.getFirst();
            return new Generation(
                    best.text(),
                    best.tokens(),
                    best.ids(),
                    best.tokenScores(),
                    best.score(),
                    best.ended(),
                    each.subList(1, each.size()));
        });
    }

    private Generation generation(Hypothesis h) {
        int[] ids = h.generated();
        List<Float> scores = new ArrayList<>(h.tokenScores().length);
        for (float score : h.tokenScores()) {
            scores.add(score);
        }
        return new Generation(
                tokenizer().decode(ids),
                tokenizer().targetTokens(ids),
                Arrays.stream(ids).boxed().toList(),
                scores,
                h.score(),
                h.ended(),
                List.of());
    }

    private static Generation join(CompletableFuture<Generation> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Token ids in, token ids out. */
    public Seq2Seq decoder() {
        return decoder;
    }

    public ModelDirectory model() {
        return model;
    }

    /**
     * Text to ids and back.
     *
     * @throws ModelFormatException if the model's folder has no files for it
     */
    public Tokenizer tokenizer() {
        return model.requireTokenizer("continued");
    }

    /** The device that was taken. */
    public DeviceDescription device() {
        return decoder.device();
    }

    /**
     * Cancels what is under way, results of which the text is not made yet too, and frees the device and the model. Closing
     * twice is no error.
     */
    @Override
    public void close() {
        decoder.close();
        results.close();
        model.close();
    }

    /** How to open a generator. Every setting has a default. */
    public static final class Builder {

        private final Path folder;
        private String device = DevicePicker.AUTO;
        private DeviceOptions deviceOptions = DeviceOptions.DEFAULTS;
        private CapacityPlan capacity = CapacityPlan.DEFAULTS;
        private GenerationOptions options = GenerationOptions.DEFAULTS;

        private Builder(Path folder) {
            this.folder = folder;
        }

        /** {@code auto}, the name of a backend, or {@code opencl:0}; see {@link DevicePicker}. */
        public Builder device(String spec) {
            device = spec;
            return this;
        }

        /** How the device is opened. */
        public Builder deviceOptions(DeviceOptions all) {
            deviceOptions = all;
            return this;
        }

        /** The most beams, or sampled sequences, of one request. */
        public Builder maxBeams(int beams) {
            capacity = capacity.withMaxHypotheses(beams);
            return this;
        }

        /** Prompts that are worked on at once: sixteen tokens each; 0 for what suits the device. */
        public Builder batchTokens(int tokens) {
            capacity = capacity.withBatchTokens(tokens);
            return this;
        }

        /** The most tokens of a prompt and its continuation; 0 for what the model allows, but 2048. */
        public Builder maxLength(int tokens) {
            capacity = capacity.withMaxTargetLength(tokens);
            return this;
        }

        /** Options of every request that does not say otherwise, over those of the model. */
        public Builder options(GenerationOptions defaults) {
            options = defaults;
            return this;
        }

        /** Opens the model; throws what {@link TextGenerator#open} throws. */
        public TextGenerator open() {
            ModelDirectory model = DevicePicker.whileDriversLoad(device, () -> ModelDirectory.open(folder));
            try {
                if (model.transformer().encoder() != null) {
                    throw new ModelFormatException(folder + " holds a "
                            + model.transformer().family()
                            + " model, which has an encoder; generation continues text with a decoder-only model (gpt2,"
                            + " llama, mistral, qwen2)");
                }
                GenerationOptions defaults = options.or(ModelDefaults.of(model));
                Seq2Seq decoder = DevicePicker.open(
                        device,
                        deviceOptions,
                        model.transformer(),
                        d -> new Seq2Seq(
                                d, model.transformer(), model.weights(), defaults, capacity, OverlongSource.REJECT));
                return new TextGenerator(model, decoder);
            } catch (RuntimeException | Error e) {
                model.close();
                throw e;
            }
        }
    }
}
