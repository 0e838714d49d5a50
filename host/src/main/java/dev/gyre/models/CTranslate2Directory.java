package dev.gyre.models;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gyre.tokens.Vocabulary;
import dev.gyre.tokens.VocabularyTokenizer;
import dev.gyre.transformer.Stack;
import dev.gyre.transformer.Transformer;
import dev.gyre.transformer.family.CTranslate2;
import dev.gyre.transformer.family.Config;
import dev.gyre.transformer.family.Description;
import dev.gyre.weights.CTranslate2Checkpoint;
import dev.gyre.weights.ModelFormatException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A folder that CTranslate2 wrote: {@code model.bin}, vocabularies, and from binary version 6 on a {@code config.json}
 * with the special tokens, which stand in the file as attributes before.
 */
final class CTranslate2Directory {

    /** CTranslate2's default limit of a target, {@code max_decoding_length}. */
    private static final int MAX_TARGET = 256;

    private static final int CONFIG_SINCE = 6;

    private final Path folder;
    private final CTranslate2Checkpoint file;
    private final Config config;

    private CTranslate2Directory(Path folder, CTranslate2Checkpoint file) {
        this.folder = folder;
        this.file = file;
        Path json = folder.resolve("config.json");
        this.config = Files.exists(json)
                ? Config.read(json)
                : Config.empty(folder.resolve("model.bin").toString());
    }

    static ModelDirectory open(Path folder) {
        CTranslate2Checkpoint file = CTranslate2Checkpoint.open(folder.resolve("model.bin"));
        try {
            return new CTranslate2Directory(folder, file).describe();
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private ModelDirectory describe() {
        if (file.version() >= CONFIG_SINCE && !Files.exists(folder.resolve("config.json"))) {
            throw new ModelFormatException("there is no file " + folder.resolve("config.json")
                    + "; a model.bin of version " + file.version() + " needs it for its special tokens");
        }
        Description description = new CTranslate2().describe(config, file);
        Transformer transformer = description.transformer();
        String unknown = token("unk_token", "<unk>").orElseThrow();
        String begin = token("bos_token", "<s>").orElseThrow();
        String end = token("eos_token", "</s>").orElseThrow();

        Optional<Path> shared = vocabularyFile("shared_vocabulary");
        Vocabulary target =
                vocabulary(shared, "target_vocabulary", unknown, Objects.requireNonNull(transformer.decoder()));
        Vocabulary source =
                vocabulary(shared, "source_vocabulary", unknown, Objects.requireNonNull(transformer.encoder()));

        OptionalInt start =
                decoderStart(begin, end).map(t -> required(target, t)).orElse(OptionalInt.empty());
        OptionalInt targetEnd = required(target, end);
        SpecialTokens special = new SpecialTokens(
                target.find(begin),
                List.of(targetEnd.orElseThrow()),
                OptionalInt.empty(),
                target.unknownId(),
                start,
                OptionalInt.empty(),
                List.of());
        Map<String, Object> options = new LinkedHashMap<>();
        options.put("max_new_tokens", MAX_TARGET);
        // CTranslate2 ends a beam search when it has as many finished hypotheses as beams.
        options.put("early_stopping", true);
        VocabularyTokenizer tokenizer = new VocabularyTokenizer(
                source,
                target,
                flag("add_source_bos", "with_source_bos")
                        ? List.of(required(source, begin).orElseThrow())
                        : List.of(),
                flag("add_source_eos", "with_source_eos")
                        ? List.of(required(source, end).orElseThrow())
                        : List.of(),
                List.of(targetEnd.orElseThrow()),
                Set.of(targetEnd.orElseThrow()));
        return new ModelDirectory(
                folder, description, file, special, new GenerationDefaults(config.where(), options), tokenizer);
    }

    private static OptionalInt required(Vocabulary vocabulary, String token) {
        OptionalInt id = vocabulary.find(token);
        if (id.isEmpty()) {
            throw new ModelFormatException(vocabulary.origin() + " has no token " + token
                    + ", which the model's configuration names as a special one");
        }
        return id;
    }

    private Vocabulary vocabulary(Optional<Path> shared, String name, String unknown, Stack stack) {
        Path path = shared.or(() -> vocabularyFile(name))
                .orElseThrow(() -> new ModelFormatException("there is no file "
                        + folder.resolve(name + ".json") + " or .txt, and no shared_vocabulary.json or .txt; "
                        + "CTranslate2 writes them beside model.bin"));
        Vocabulary vocabulary = Vocabulary.ofList(path, unknown);
        if (vocabulary.size() != stack.vocabulary()) {
            throw new ModelFormatException(path + " has " + vocabulary.size() + " tokens (with " + unknown
                    + "), the embeddings of " + file.origin() + " have " + stack.vocabulary());
        }
        return vocabulary;
    }

    private Optional<Path> vocabularyFile(String name) {
        return List.of(name + ".json", name + ".txt").stream()
                .map(folder::resolve)
                .filter(Files::exists)
                .findFirst();
    }

    private Optional<String> decoderStart(String begin, String end) {
        if (file.version() >= CONFIG_SINCE) {
            return token("decoder_start_token", null);
        }
        if (flag("", "user_decoder_start_tokens")) {
            return Optional.empty();
        }
        return Optional.of(attribute("with_target_bos", true) ? begin : end);
    }

    /** A field of config.json, or an attribute in older files. */
    private Optional<String> token(String name, @Nullable String otherwise) {
        if (file.version() >= CONFIG_SINCE) {
            JsonNode value = config.get(name);
            return value == null ? Optional.ofNullable(otherwise) : Optional.of(config.string(name));
        }
        if (!file.names().contains(name)) {
            return Optional.ofNullable(otherwise);
        }
        int[] shape = file.shape(name);
        if (shape.length != 1 || shape[0] > 1024 || !file.storedType(name).equals("int8")) {
            throw new ModelFormatException(file.origin() + ": " + name + " is not a string of at most 1024 bytes");
        }
        float[] values = new float[shape[0]];
        file.read(name, 0, values.length, values, 0);
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return Optional.of(new String(bytes, StandardCharsets.UTF_8));
    }

    private boolean flag(String field, String attribute) {
        return file.version() >= CONFIG_SINCE ? config.flag(field, false) : attribute(attribute, false);
    }

    private boolean attribute(String name, boolean otherwise) {
        if (!file.names().contains(name)) {
            return otherwise;
        }
        float[] value = new float[1];
        if (file.shape(name).length != 0) {
            throw new ModelFormatException(file.origin() + ": " + name + " is not a scalar");
        }
        file.read(name, 0, 1, value, 0);
        return value[0] != 0;
    }
}
