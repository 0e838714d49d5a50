package dev.gyre;

import dev.gyre.backend.ComputeType;
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
import dev.gyre.transformer.Transformer;
import dev.gyre.weights.ModelFormatException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Translates text with an encoder-decoder model on a device. Safe for many threads: requests of all of them run in one
 * batch, and none depends on the others.
 *
 * {@snippet class="dev.gyre.TranslatorExample" region="example"}
 *
 * <p>Lengths: a source with more tokens than the model takes is a {@link
 * dev.gyre.scheduler.SourceTooLongException}, unless {@link OverlongSource#TRUNCATE} is chosen. A text of nothing but
 * white space becomes {@link Translation#EMPTY}.
 */
public final class Translator implements AutoCloseable {

    private final ModelDirectory model;
    private final Seq2Seq seq2seq;
    private final @Nullable String sourceLanguage;
    private final OverlongSource overlong;
    private final TextResults results = new TextResults();

    private Translator(
            ModelDirectory model, Seq2Seq seq2seq, @Nullable String sourceLanguage, OverlongSource overlong) {
        this.model = model;
        this.sourceLanguage = sourceLanguage;
        this.overlong = overlong;
        this.seq2seq = seq2seq;
    }

    /**
     * Opens a model folder on the best device.
     *
     * @throws dev.gyre.weights.ModelFormatException if the folder does not hold a model that is understood
     * @throws dev.gyre.backend.DeviceException if no device can take it
     */
    public static Translator open(Path model) {
        return builder(model).open();
    }

    /** Opens a model folder with more to say about how. */
    public static Builder builder(Path model) {
        return new Builder(model);
    }

    /** Translates one text with the model's own options, and waits. Throws what {@link #submit} throws. */
    public Translation translate(String text) {
        return translate(List.of(text)).getFirst();
    }

    /** Translates one text, and waits. */
    public Translation translate(String text, GenerationOptions options) {
        return translate(List.of(text), options).getFirst();
    }

    /** Translates texts together, and waits; results in their order. */
    public List<Translation> translate(List<String> texts) {
        return translate(texts, GenerationOptions.DEFAULTS);
    }

    /** Translates texts together, and waits; results in their order. If one fails, the others are cancelled. */
    public List<Translation> translate(List<String> texts, GenerationOptions options) {
        List<CompletableFuture<Translation>> futures = new ArrayList<>(texts.size());
        try {
            for (String text : texts) {
                futures.add(submit(text, options, futures.size()));
            }
            return futures.stream().map(Translator::join).toList();
        } catch (RuntimeException e) {
            futures.forEach(f -> f.cancel(false));
            throw e;
        }
    }

    /**
     * Translates a stream of texts of any length, in order. Texts are pulled as results are: some thousand are under way
     * at a time, so that there is enough to batch, and no more. Close the stream if it is not read to its end; that
     * cancels what is under way and closes {@code texts}.
     */
    public Stream<Translation> translate(Stream<String> texts) {
        return translate(texts, GenerationOptions.DEFAULTS);
    }

    /** As {@link #translate(Stream)}, with options. */
    public Stream<Translation> translate(Stream<String> texts, GenerationOptions options) {
        return OrderedResults.of(texts, (text, index) -> submit(text, options, index));
    }

    /** Starts a translation with the model's own options. */
    public CompletableFuture<Translation> submit(String text) {
        return submit(text, GenerationOptions.DEFAULTS);
    }

    /** Starts a translation. */
    public CompletableFuture<Translation> submit(String text, GenerationOptions options) {
        return submit(text, options, 0);
    }

    /**
     * Starts a translation. A future that is cancelled, or completed by its caller or a timeout, leaves the device before
     * its next step. It fails with {@link dev.gyre.decoding.NoTokenException} where no token can come.
     *
     * @param index the number of the text among those of the caller; what is sampled depends on it and on the seed
     * @throws IllegalArgumentException in one line, if an option cannot be, or the text is too long
     * @throws dev.gyre.backend.DeviceException if the device has failed
     * @throws IllegalStateException if this is closed
     * @throws ModelFormatException if the model has no tokenizer
     */
    public CompletableFuture<Translation> submit(String text, GenerationOptions options, long index) {
        Tokenizer tokenizer = tokenizer();
        if (text.isBlank()) {
            seq2seq.settings(options);
            return CompletableFuture.completedFuture(Translation.EMPTY);
        }
        int[] source = sourceLanguage == null ? tokenizer.encode(text) : tokenizer.encode(text, sourceLanguage);
        if (overlong == OverlongSource.TRUNCATE) {
            source = tokenizer.truncate(source, seq2seq.maxSource());
        }
        Seq2SeqRequest request = new Seq2SeqRequest(source, options, index);
        return then(request, h -> tokenizer.decode(h.tokens()));
    }

    /**
     * Starts a translation of tokens of the source vocabulary: exactly these, nothing is added. The text of the result
     * is its tokens with spaces between them.
     *
     * @throws IllegalArgumentException as {@link #submit}, and for a token that is not in the vocabulary if there is no
     *     unknown token
     */
    public CompletableFuture<Translation> submitTokens(List<String> tokens, GenerationOptions options, long index) {
        Tokenizer tokenizer = tokenizer();
        Seq2SeqRequest request = new Seq2SeqRequest(tokenizer.sourceIds(tokens), options, index);
        return then(request, h -> String.join(" ", tokenizer.targetTokens(h.tokens())));
    }

    /** Translates tokens together, and waits; see {@link #submitTokens}. */
    public List<Translation> translateTokens(List<List<String>> sources, GenerationOptions options) {
        List<CompletableFuture<Translation>> futures = new ArrayList<>(sources.size());
        try {
            for (List<String> tokens : sources) {
                futures.add(submitTokens(tokens, options, futures.size()));
            }
            return futures.stream().map(Translator::join).toList();
        } catch (RuntimeException e) {
            futures.forEach(f -> f.cancel(false));
            throw e;
        }
    }

    /** Token ids in, token ids out. */
    public Seq2Seq seq2seq() {
        return seq2seq;
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
        return model.requireTokenizer("translated");
    }

    /** The device that was taken. */
    public DeviceDescription device() {
        return seq2seq.device();
    }

    /** The compute type that was taken; never {@link ComputeType#AUTO}. */
    public ComputeType computeType() {
        return seq2seq.computeType();
    }

    /**
     * Cancels what is under way, results of which the text is not made yet too, and frees the device and the model. Closing
     * twice is no error.
     */
    @Override
    public void close() {
        seq2seq.close();
        results.close();
        model.close();
    }

    private CompletableFuture<Translation> then(Seq2SeqRequest request, Function<Hypothesis, String> text) {
        return results.of(seq2seq.submit(request), all -> {
            List<Translation> each = all.stream()
                    .map(h ->
                            new Translation(text.apply(h), tokenizer().targetTokens(h.tokens()), h.score(), List.of()))
                    .toList();
            Translation best = each.getFirst();
            return new Translation(best.text(), best.tokens(), best.score(), each.subList(1, each.size()));
        });
    }

    private static Translation join(CompletableFuture<Translation> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** How to open a translator. Every setting has a default. */
    public static final class Builder {

        private final Path folder;
        private String device = DevicePicker.AUTO;
        private DeviceOptions deviceOptions = DeviceOptions.DEFAULTS;
        private CapacityPlan capacity = CapacityPlan.DEFAULTS;
        private OverlongSource overlong = OverlongSource.REJECT;
        private GenerationOptions options = GenerationOptions.DEFAULTS;
        private @Nullable String sourceLanguage;
        private @Nullable String targetLanguage;

        private Builder(Path folder) {
            this.folder = folder;
        }

        /** {@code auto}, the name of a backend, or {@code opencl:0}; see {@link DevicePicker}. */
        public Builder device(String spec) {
            device = spec;
            return this;
        }

        /** Bytes on the device that everything together may take; 0 for what it has. */
        public Builder memoryLimit(long bytes) {
            deviceOptions = deviceOptions.withMemoryLimit(bytes);
            return this;
        }

        /** How the device is opened, the memory limit included. */
        public Builder deviceOptions(DeviceOptions all) {
            deviceOptions = all;
            return this;
        }

        /** Source tokens that the encoder takes at once, which sets the size of batches; 0 for what suits the device. */
        public Builder batchTokens(int tokens) {
            capacity = capacity.withBatchTokens(tokens);
            return this;
        }

        /** The most beams, or sampled sequences, of one request. */
        public Builder maxBeams(int beams) {
            capacity = capacity.withMaxHypotheses(beams);
            return this;
        }

        /** The most target tokens of one request; 0 for what the model allows. Less takes less memory. */
        public Builder maxTargetLength(int tokens) {
            capacity = capacity.withMaxTargetLength(tokens);
            return this;
        }

        /** What happens to sources that are too long. */
        public Builder overlong(OverlongSource rule) {
            overlong = rule;
            return this;
        }

        /** Options of every request that does not say otherwise, over those of the model. */
        public Builder options(GenerationOptions defaults) {
            options = defaults;
            return this;
        }

        /** The language of the texts, by the code that a many-to-many model has for it: {@code en_XX}, {@code eng_Latn}. */
        public Builder sourceLanguage(String code) {
            sourceLanguage = code;
            return this;
        }

        /** The language to translate into, by the model's code: the first token of every target, in front of a prefix. */
        public Builder targetLanguage(String code) {
            targetLanguage = code;
            return this;
        }

        private static void requireEncoderDecoder(ModelDirectory model) {
            Transformer transformer = model.transformer();
            if (transformer.encoder() == null || transformer.decoder() == null) {
                throw new ModelFormatException(model.path() + " is a model of family " + transformer.family()
                        + ", which has "
                        + (transformer.decoder() == null ? "no decoder" : "no encoder")
                        + "; translating takes an encoder-decoder. "
                        + (transformer.decoder() == null ? "TextEncoder" : "TextGenerator")
                        + " runs this one");
            }
        }

        /** Opens the model; throws what {@link Translator#open} throws. */
        public Translator open() {
            ModelDirectory model = DevicePicker.whileDriversLoad(device, () -> ModelDirectory.open(folder));
            try {
                requireEncoderDecoder(model);
                GenerationOptions defaults = languages(model).or(ModelDefaults.of(model));
                Seq2Seq seq2seq = DevicePicker.open(
                        device,
                        deviceOptions,
                        model.transformer(),
                        d -> new Seq2Seq(d, model.transformer(), model.weights(), defaults, capacity, overlong));
                return new Translator(model, seq2seq, sourceLanguage, overlong);
            } catch (RuntimeException | Error e) {
                model.close();
                throw e;
            }
        }

        private GenerationOptions languages(ModelDirectory model) {
            if (sourceLanguage == null && targetLanguage == null) {
                return options;
            }
            Tokenizer tokenizer = model.tokenizer()
                    .orElseThrow(() -> new IllegalArgumentException(
                            model.path() + " has no tokenizer files, and so no language codes"));
            if (sourceLanguage != null) {
                tokenizer.languageId(sourceLanguage);
            }
            if (targetLanguage == null) {
                return options;
            }
            int id = tokenizer.languageId(targetLanguage);
            return tokenizer.languageStarts()
                    ? options.toBuilder().decoderStartTokenId(id).build()
                    : options.toBuilder().forcedBosTokenId(id).build();
        }
    }
}
