package dev.gyre.tokens;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gyre.transformer.family.Config;
import dev.gyre.weights.Json;
import dev.gyre.weights.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What {@code tokenizer.json} would say, for folders that hold older files only: {@code vocab.txt} of BERT, or
 * {@code vocab.json} and {@code merges.txt} of GPT-2, RoBERTa and BART.
 */
final class TokenizerJson {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private TokenizerJson() {}

    /** BERT's word pieces. Casing and accents as tokenizer_config.json says, lower case otherwise. */
    static ObjectNode wordPiece(Path vocabulary, Config settings) {
        ObjectNode ids = JSON.objectNode();
        List<String> lines;
        try {
            lines = Files.readAllLines(vocabulary);
        } catch (IOException e) {
            throw ModelFormatException.unreadable(vocabulary, e);
        }
        for (int i = 0; i < lines.size(); i++) {
            ids.put(lines.get(i).stripTrailing(), i);
        }
        boolean lower = settings.flag("do_lower_case", true);
        ObjectNode root = root(ids, List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"), vocabulary);
        ObjectNode normalizer = root.putObject("normalizer")
                .put("type", "BertNormalizer")
                .put("clean_text", true)
                .put("handle_chinese_chars", settings.flag("tokenize_chinese_chars", true))
                .put("lowercase", lower);
        if (settings.has("strip_accents")) {
            normalizer.put("strip_accents", settings.flag("strip_accents", lower));
        } else {
            normalizer.putNull("strip_accents");
        }
        root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        ObjectNode processor = root.putObject("post_processor").put("type", "BertProcessing");
        pair(processor.putArray("sep"), "[SEP]", id(ids, "[SEP]", vocabulary));
        pair(processor.putArray("cls"), "[CLS]", id(ids, "[CLS]", vocabulary));
        root.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
        root.putObject("model")
                .put("type", "WordPiece")
                .put("unk_token", "[UNK]")
                .put("continuing_subword_prefix", "##")
                .put("max_input_chars_per_word", 100)
                .set("vocab", ids);
        return root;
    }

    /**
     * Byte-level pairs.
     *
     * @param framed {@code <s>} and {@code </s>} stand around a text (RoBERTa, BART)
     */
    static ObjectNode bytePairs(Path vocabulary, Path merges, boolean framed, Config settings) {
        ObjectNode ids = Json.readObject(vocabulary);
        boolean space = settings.flag("add_prefix_space", false);
        ObjectNode root = root(ids, List.of("<s>", "<pad>", "</s>", "<unk>", "<mask>", "<|endoftext|>"), vocabulary);
        root.putNull("normalizer");
        byteLevel(root.putObject("pre_tokenizer"), space);
        if (framed) {
            ObjectNode processor = root.putObject("post_processor")
                    .put("type", "RobertaProcessing")
                    .put("trim_offsets", true)
                    .put("add_prefix_space", space);
            pair(processor.putArray("sep"), "</s>", id(ids, "</s>", vocabulary));
            pair(processor.putArray("cls"), "<s>", id(ids, "<s>", vocabulary));
        } else {
            byteLevel(root.putObject("post_processor"), space);
        }
        byteLevel(root.putObject("decoder"), space);
        ObjectNode model = root.putObject("model").put("type", "BPE");
        model.putNull("dropout");
        model.putNull("unk_token");
        model.put("continuing_subword_prefix", "");
        model.put("end_of_word_suffix", "");
        model.put("fuse_unk", false);
        model.set("vocab", ids);
        ArrayNode list = model.putArray("merges");
        try {
            Files.readAllLines(merges).stream()
                    .filter(l -> !l.startsWith("#version") && !l.isBlank())
                    .forEach(list::add);
        } catch (IOException e) {
            throw ModelFormatException.unreadable(merges, e);
        }
        return root;
    }

    private static void byteLevel(ObjectNode node, boolean space) {
        node.put("type", "ByteLevel")
                .put("add_prefix_space", space)
                .put("trim_offsets", true)
                .put("use_regex", true);
    }

    private static ObjectNode root(ObjectNode ids, List<String> special, Path vocabulary) {
        ObjectNode root = JSON.objectNode().put("version", "1.0");
        root.putNull("truncation");
        root.putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        special.stream()
                .filter(ids::has)
                .map(t -> Map.entry(id(ids, t, vocabulary), t))
                .sorted(Map.Entry.comparingByKey())
                .forEach(e -> added.addObject()
                        .put("id", e.getKey())
                        .put("content", e.getValue())
                        .put("single_word", false)
                        .put("lstrip", e.getValue().equals("<mask>"))
                        .put("rstrip", false)
                        .put("normalized", false)
                        .put("special", true));
        return root;
    }

    private static void pair(ArrayNode node, String token, int id) {
        node.add(token).add(id);
    }

    private static int id(ObjectNode ids, String token, Path vocabulary) {
        if (!ids.path(token).canConvertToInt() || !ids.path(token).isIntegralNumber()) {
            throw new ModelFormatException(vocabulary + " has no token " + token + " with a whole number");
        }
        return ids.path(token).intValue();
    }
}
