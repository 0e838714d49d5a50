package dev.gyre.tokens;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gyre.transformer.family.Config;
import dev.gyre.weights.Json;
import dev.gyre.weights.ModelFormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the tokenizer of a model folder by its files: OPUS-MT's two SentencePiece models, {@code tokenizer.json},
 * {@code vocab.txt}, {@code vocab.json} with {@code merges.txt}, or one SentencePiece model.
 */
public final class Tokenizers {

    private static final Set<String> MANY_LANGUAGES = Set.of("mbart", "m2m_100", "nllb");
    private static final List<String> PIECES =
            List.of("spiece.model", "sentencepiece.bpe.model", "spm.model", "tokenizer.model");

    private Tokenizers() {}

    /**
     * Opens the tokenizer of a folder.
     *
     * @param config the model's configuration
     * @param source ids of the source side of the model
     * @param target ids of the target side
     * @return nothing if the folder has no tokenizer files
     * @throws ModelFormatException if a file is not what it must be
     */
    public static Optional<Tokenizer> open(Path folder, Config config, int source, int target) {
        if (SentencePieceTokenizer.isIn(folder)) {
            return Optional.of(SentencePieceTokenizer.open(folder, source, target));
        }
        String family = config.string("model_type", "");
        Path settingsFile = folder.resolve("tokenizer_config.json");
        Config settings =
                Files.exists(settingsFile) ? Config.read(settingsFile) : Config.empty(settingsFile.toString());
        boolean many = MANY_LANGUAGES.contains(family);
        boolean inFront = inFront(config, settings);
        Path json = folder.resolve("tokenizer.json");
        if (Files.exists(json)) {
            ObjectNode root = Json.readObject(json);
            return Optional.of(new JsonTokenizer(json.toString(), root, source, many, inFront));
        }
        Path words = folder.resolve("vocab.txt");
        if (Files.exists(words)) {
            ObjectNode root = TokenizerJson.wordPiece(words, settings);
            return Optional.of(new JsonTokenizer(words.toString(), root, source, false, false));
        }
        Path merges = folder.resolve("merges.txt");
        Path ids = folder.resolve("vocab.json");
        if (Files.exists(merges) && Files.exists(ids)) {
            requireFamily(family, Set.of("gpt2", "roberta", "bart"), "vocab.json and merges.txt", folder);
            ObjectNode root = TokenizerJson.bytePairs(ids, merges, !family.equals("gpt2"), settings);
            return Optional.of(new JsonTokenizer(ids.toString(), root, source, false, false));
        }
        for (String name : PIECES) {
            Path model = folder.resolve(name);
            if (Files.exists(model)) {
                List<String> pieces = SentencePieceFile.pieces(model);
                PieceLayout layout = layout(folder, family, pieces, settings, inFront, source);
                return Optional.of(new PieceTokenizer(model, pieces, layout, source));
            }
        }
        return Optional.empty();
    }

    /** The first mBART has the language behind the text; tokenizer_config.json names its tokenizer. */
    private static boolean inFront(Config config, Config settings) {
        String name = settings.string("tokenizer_class", config.string("tokenizer_class", ""));
        return !name.startsWith("MBartTokenizer") && !settings.flag("legacy_behaviour", false);
    }

    private static PieceLayout layout(
            Path folder, String family, List<String> pieces, Config settings, boolean inFront, int size) {
        return switch (family) {
            case "t5", "mt5" ->
                PieceLayout.t5(pieces, settings.has("extra_ids") ? settings.integer("extra_ids", 0, 1000) : 100);
            case "pegasus" ->
                PieceLayout.pegasus(pieces, settings.has("offset") ? settings.integer("offset", 2, 1000) : 103);
            case "llama", "mistral" ->
                PieceLayout.llama(pieces, settings.flag("add_bos_token", true), settings.flag("add_eos_token", false));
            case "xlm-roberta" -> PieceLayout.fairseq(pieces, List.of(), true);
            case "mbart" -> PieceLayout.fairseq(pieces, codes(folder), inFront);
            case "m2m_100" -> {
                Path file = folder.resolve("vocab.json");
                if (!Files.exists(file)) {
                    throw new ModelFormatException("there is no file " + file
                            + "; the tokenizer of M2M-100 is sentencepiece.bpe.model and vocab.json; of NLLB it is"
                            + " tokenizer.json");
                }
                int known = Json.readObject(file).size();
                yield PieceLayout.m2m(pieces, Vocabulary.ofMap(file, size, "<unk>"), known, codes(folder));
            }
            default ->
                throw new ModelFormatException(folder + " has a SentencePiece model, whose numbers in a " + family
                        + " model are not known; tokenizer.json would say: in Python, AutoTokenizer.from_pretrained("
                        + "folder).save_pretrained(folder) writes it");
        };
    }

    /** The language codes in the order of their ids. */
    private static List<String> codes(Path folder) {
        List<String> codes = new ArrayList<>();
        for (String name : List.of("special_tokens_map.json", "tokenizer_config.json")) {
            Path file = folder.resolve(name);
            if (codes.isEmpty() && Files.exists(file)) {
                for (JsonNode token : Json.readObject(file).path("additional_special_tokens")) {
                    String text = token.isObject() ? token.path("content").asText() : token.asText();
                    if (Languages.code(text).isPresent()) {
                        codes.add(text);
                    }
                }
            }
        }
        if (codes.isEmpty()) {
            throw new ModelFormatException(folder + " does not list its language codes: additional_special_tokens of"
                    + " special_tokens_map.json or tokenizer_config.json must name them in the order of their ids");
        }
        return codes;
    }

    private static void requireFamily(String family, Set<String> known, String files, Path folder) {
        if (!known.contains(family)) {
            throw new ModelFormatException(folder + " has " + files + ", whose rules in a " + family
                    + " model are not known; tokenizer.json would say: in Python, AutoTokenizer.from_pretrained("
                    + "folder).save_pretrained(folder) writes it");
        }
    }
}
