package dev.gyre.models;

import dev.gyre.backend.WeightSource;
import dev.gyre.graph.Program;
import dev.gyre.tokens.Tokenizer;
import dev.gyre.transformer.AttentionMaps;
import dev.gyre.transformer.Capacity;
import dev.gyre.transformer.EncoderProgram;
import dev.gyre.transformer.Seq2SeqProgram;
import dev.gyre.transformer.Transformer;
import dev.gyre.transformer.family.Config;
import dev.gyre.transformer.family.Description;
import dev.gyre.weights.Checkpoint;
import dev.gyre.weights.CheckpointWeights;
import dev.gyre.weights.ModelFormatException;
import dev.gyre.weights.Names;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model as its publisher ships it: a folder of Hugging Face's layout ({@code config.json} with a {@code model_type},
 * {@code *.safetensors}, {@code generation_config.json}, tokenizer files) or of CTranslate2's ({@code model.bin} and
 * vocabularies). Open means mapped, described and checked, down to the shape of every tensor; nothing is on a device
 * yet.
 */
public final class ModelDirectory implements AutoCloseable {

    static final String CONTENTS = "a model folder holds config.json and model.safetensors (or its shards and "
            + "model.safetensors.index.json), or CTranslate2's model.bin and vocabularies";

    private static final Logger LOG = LoggerFactory.getLogger(ModelDirectory.class);

    private final Path path;
    private final Transformer transformer;
    private final Checkpoint checkpoint;
    private final CheckpointWeights weights;
    private final List<String> unused;
    private final SpecialTokens special;
    private final GenerationDefaults defaults;
    private final @Nullable Tokenizer tokenizer;

    ModelDirectory(
            Path path,
            Description description,
            Checkpoint stored,
            SpecialTokens special,
            GenerationDefaults defaults,
            @Nullable Tokenizer tokenizer) {
        this.path = path;
        this.transformer = description.transformer();
        this.checkpoint = description.checkpoint(stored);
        this.special = special;
        this.defaults = defaults;
        this.tokenizer = tokenizer;
        this.weights = new CheckpointWeights(smallest(transformer), checkpoint);
        this.unused = weights.unused().stream()
                .filter(name -> !description.harmless().test(name))
                .toList();
        if (!unused.isEmpty()) {
            LOG.warn(
                    "{} has {} tensors that a {} model does not use: {}",
                    checkpoint.origin(),
                    unused.size(),
                    transformer.family(),
                    Names.some(unused));
        }
    }

    /** The weights of a model do not depend on how much it is to do at once. */
    private static Program smallest(Transformer transformer) {
        return transformer.decoder() == null
                ? EncoderProgram.of(transformer, 1, 1, AttentionMaps.NONE).program()
                : Seq2SeqProgram.of(transformer, new Capacity(1, 1, 1, 1, 1, 1, 1, 1, 1), AttentionMaps.NONE)
                        .program();
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
        Path json = folder.resolve("config.json");
        boolean binary = Files.exists(folder.resolve("model.bin"));
        if (!Files.exists(json)) {
            if (binary) {
                return CTranslate2Directory.open(folder);
            }
            throw new ModelFormatException("there is no file " + json + "; " + CONTENTS);
        }
        Config config = Config.read(json);
        // CTranslate2 writes a config.json too, without a model_type.
        return binary && !config.has("model_type")
                ? CTranslate2Directory.open(folder)
                : HuggingFaceDirectory.open(folder, config);
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

    /** The weights of every program of this model, already checked against it. */
    public WeightSource weights() {
        return weights;
    }

    /** Tensors in the files that the model does not use and that are not known to be harmless. */
    public List<String> unusedTensors() {
        return unused;
    }

    public SpecialTokens special() {
        return special;
    }

    /** What the publisher sets for {@code generate()}, as the files have it. */
    public GenerationDefaults defaults() {
        return defaults;
    }

    /**
     * What {@code generate()} starts from, by the names of Hugging Face: the publisher's defaults, and the special
     * tokens where those leave them out. Values are numbers, booleans, strings and lists of them.
     */
    public Map<String, Object> generationOptions() {
        Map<String, Object> options = new LinkedHashMap<>(defaults.fields());
        special.begin().ifPresent(id -> options.putIfAbsent("bos_token_id", id));
        special.pad().ifPresent(id -> options.putIfAbsent("pad_token_id", id));
        special.decoderStart().ifPresent(id -> options.putIfAbsent("decoder_start_token_id", id));
        if (!special.end().isEmpty()) {
            options.putIfAbsent("eos_token_id", special.end());
        }
        return options;
    }

    /** Text to ids and back, if the folder has the files for it. Closed with this. */
    public Optional<Tokenizer> tokenizer() {
        return Optional.ofNullable(tokenizer);
    }

    /**
     * The tokenizer, which must be there.
     *
     * @param done what is done with the model's token ids: "translated"
     * @throws ModelFormatException if the folder has no files for it
     */
    public Tokenizer requireTokenizer(String done) {
        if (tokenizer == null) {
            throw new ModelFormatException(
                    path() + " has no tokenizer files (tokenizer.json; source.spm, target.spm and"
                            + " vocab.json; or others of its family): only token ids can be " + done);
        }
        return tokenizer;
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
