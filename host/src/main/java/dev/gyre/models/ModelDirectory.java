package dev.gyre.models;

import dev.gyre.graph.Program;
import dev.gyre.tokens.SentencePieceTokenizer;
import dev.gyre.tokens.Tokenizer;
import dev.gyre.transformer.Stack;
import dev.gyre.transformer.Transformer;
import dev.gyre.transformer.family.Config;
import dev.gyre.transformer.family.Description;
import dev.gyre.transformer.family.Families;
import dev.gyre.weights.Checkpoint;
import dev.gyre.weights.CheckpointWeights;
import dev.gyre.weights.ModelFormatException;
import dev.gyre.weights.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A model as its publisher ships it: a folder with {@code config.json}, {@code *.safetensors},
 * {@code generation_config.json} and tokenizer files. Open means described, checked and mapped; nothing is on a device
 * yet.
 */
public final class ModelDirectory implements AutoCloseable {

    private static final String CONTENTS = "a model folder holds config.json and model.safetensors (or its shards and "
            + "model.safetensors.index.json), or CTranslate2's model.bin and vocabularies";

    private final Path path;
    private final Transformer transformer;
    private final Checkpoint checkpoint;
    private final SpecialTokens special;
    private final GenerationDefaults defaults;
    private final @Nullable Tokenizer tokenizer;

    private ModelDirectory(
            Path path,
            Transformer transformer,
            Checkpoint checkpoint,
            SpecialTokens special,
            GenerationDefaults defaults,
            @Nullable Tokenizer tokenizer) {
        this.path = path;
        this.transformer = transformer;
        this.checkpoint = checkpoint;
        this.special = special;
        this.defaults = defaults;
        this.tokenizer = tokenizer;
    }

    /**
     * Opens a model folder.
     *
     * @throws ModelFormatException if a file is missing or is not what it must be; one line that says which and why
     */
    public static ModelDirectory open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new ModelFormatException(
                    (Files.exists(folder) ? folder + " is not a folder; " : "there is no folder " + folder + "; ")
                            + CONTENTS);
        }
        Path config = folder.resolve("config.json");
        if (!Files.exists(config)) {
            throw new ModelFormatException("there is no file " + config + "; " + CONTENTS);
        }
        return openHuggingFace(folder, Config.read(config));
    }

    private static ModelDirectory openHuggingFace(Path folder, Config config) {
        var family = Families.of(config);
        if (!Safetensors.isIn(folder)) {
            if (Files.exists(folder.resolve("pytorch_model.bin"))) {
                throw new ModelFormatException(folder + " has its weights in pytorch_model.bin only, a format that can "
                        + "run code and is not read; in Python, transformers' AutoModelForSeq2SeqLM.from_pretrained("
                        + "folder).save_pretrained(folder) writes model.safetensors");
            }
            throw new ModelFormatException("there is no file " + folder.resolve("model.safetensors") + "; " + CONTENTS);
        }
        Checkpoint stored = Safetensors.open(folder);
        try {
            Description description = family.describe(config, stored);
            Transformer transformer = description.transformer();
            GenerationDefaults defaults = GenerationDefaults.read(folder, config);
            int source = vocabulary(transformer.encoder(), transformer);
            int target = vocabulary(transformer.decoder(), transformer);
            Tokenizer tokenizer =
                    SentencePieceTokenizer.isIn(folder) ? SentencePieceTokenizer.open(folder, source, target) : null;
            return new ModelDirectory(
                    folder,
                    transformer,
                    description.checkpoint(stored),
                    special(defaults, GenerationDefaults.of(config), target, tokenizer),
                    defaults,
                    tokenizer);
        } catch (RuntimeException e) {
            stored.close();
            throw e;
        }
    }

    private static int vocabulary(@Nullable Stack stack, Transformer transformer) {
        return stack != null
                ? stack.vocabulary()
                : Objects.requireNonNull(transformer.encoder() == null ? transformer.decoder() : transformer.encoder())
                        .vocabulary();
    }

    private static SpecialTokens special(
            GenerationDefaults defaults, GenerationDefaults config, int vocabulary, @Nullable Tokenizer tokenizer) {
        OptionalInt unknown = tokenizer instanceof SentencePieceTokenizer s ? s.unknownId() : OptionalInt.empty();
        return new SpecialTokens(
                id("bos_token_id", defaults, config, vocabulary),
                ids("eos_token_id", defaults, config, vocabulary),
                id("pad_token_id", defaults, config, vocabulary),
                unknown,
                id("decoder_start_token_id", defaults, config, vocabulary),
                defaults.id("forced_bos_token_id", vocabulary),
                defaults.ids("forced_eos_token_id", vocabulary));
    }

    private static OptionalInt id(
            String field, GenerationDefaults defaults, GenerationDefaults config, int vocabulary) {
        return defaults.has(field) ? defaults.id(field, vocabulary) : config.id(field, vocabulary);
    }

    private static List<Integer> ids(
            String field, GenerationDefaults defaults, GenerationDefaults config, int vocabulary) {
        return defaults.has(field) ? defaults.ids(field, vocabulary) : config.ids(field, vocabulary);
    }

    public Path path() {
        return path;
    }

    /** What is computed. */
    public Transformer transformer() {
        return transformer;
    }

    /** The tensors, computed ones included. Closed with this. */
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    /**
     * The weights of a program of this model.
     *
     * @throws ModelFormatException if the files lack tensors or have them in other shapes
     */
    public CheckpointWeights weights(Program program) {
        return new CheckpointWeights(program, checkpoint);
    }

    public SpecialTokens special() {
        return special;
    }

    /** What the publisher sets for {@code generate()}. */
    public GenerationDefaults defaults() {
        return defaults;
    }

    /** Text to ids and back, if the folder has the files for it. Closed with this. */
    public Optional<Tokenizer> tokenizer() {
        return Optional.ofNullable(tokenizer);
    }

    /** Unmaps the files and frees the tokenizer. Closing twice is no error. */
    @Override
    public void close() {
        if (tokenizer != null) {
            tokenizer.close();
        }
        checkpoint.close();
    }
}
