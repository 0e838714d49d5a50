package dev.gyre;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gyre.cli.InProcess;
import dev.gyre.decoding.GenerationOptions;
import dev.gyre.scheduler.OverlongSource;
import dev.gyre.tokens.Tokenizer;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models that need the language of source and target, where a prefix or a cut could lose it. */
class ManyLanguagesTest {

    private static final GenerationOptions SHORT =
            GenerationOptions.builder().maxNewTokens(4).build();

    @TempDir
    Path temporary;

    @Test
    void theTargetsLanguageStandsInFrontOfAPrefix() throws IOException {
        try (Translator translator = open(model("m2m_100"), OverlongSource.REJECT)) {
            Tokenizer tokenizer = translator.tokenizer();
            assertArrayEquals(new int[] {12, 13}, tokenizer.encodeTarget("w12 w13"));
            List<String> free =
                    translator.translate(List.of("w20 w21"), SHORT).getFirst().tokens();
            assertEquals("deu_Latn", free.getFirst());
            for (int[] prefix : new int[][] {{12, 13}, {tokenizer.languageId("deu_Latn"), 12, 13}}) {
                List<String> continued = translator
                        .translate(
                                List.of("w20 w21"),
                                SHORT.toBuilder().targetPrefix(prefix).build())
                        .getFirst()
                        .tokens();
                assertEquals(List.of("deu_Latn", "w12", "w13"), continued.subList(0, 3));
            }
        }
    }

    @Test
    void theFirstMBartStartsAPrefixedTargetWithItsLanguage() throws IOException {
        try (Translator translator = open(model("mbart"), OverlongSource.REJECT)) {
            List<String> continued = translator
                    .translate(
                            List.of("w20 w21"),
                            SHORT.toBuilder().targetPrefix(12, 13).build())
                    .getFirst()
                    .tokens();
            assertEquals(List.of("w12", "w13"), continued.subList(0, 2));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"m2m_100", "mbart"})
    void whatStandsAroundATextIsNotCutOff(String family) throws IOException {
        try (Translator translator = open(model(family), OverlongSource.TRUNCATE)) {
            int most = translator.seq2seq().maxSource();
            String fits = "w20 ".repeat(most - 2);
            Tokenizer tokenizer = translator.tokenizer();
            int[] cut = tokenizer.truncate(tokenizer.encode(fits + "w21 w22", "eng_Latn"), most);
            assertArrayEquals(tokenizer.encode(fits, "eng_Latn"), cut);
            // The end tokens of a request end targets; they have no say in what a source is.
            for (GenerationOptions options :
                    List.of(SHORT, SHORT.toBuilder().eosTokenIds(List.of(22)).build())) {
                assertEquals(
                        translator.translate(List.of(fits), options).getFirst().tokens(),
                        translator
                                .translate(List.of(fits + "w21 w22"), options)
                                .getFirst()
                                .tokens());
            }
        }
    }

    @Test
    void onTheCommandLine() throws IOException {
        String folder = model("m2m_100").toString();
        String[] translate = {
            "translate",
            "-m",
            folder,
            "--device",
            "cpu",
            "--source-lang",
            "eng_Latn",
            "--target-lang",
            "deu_Latn",
            "--max-new-tokens",
            "3",
            "--format",
            "jsonl",
            "--target-prefix",
            "w12 w13",
            "w20 w21"
        };
        InProcess.Ran ran = InProcess.run("", translate);
        assertEquals(0, ran.code(), ran.err());
        assertTrue(ran.out().contains("w12 w13"), ran.out());
        InProcess.Ran withoutLanguage = InProcess.run("", "translate", "-m", folder, "--device", "cpu", "w20");
        assertEquals(2, withoutLanguage.code(), withoutLanguage.err());
        assertTrue(withoutLanguage.err().contains("--source-lang"), withoutLanguage.err());
    }

    @Test
    void scoringATargetNeedsItsLanguage() throws IOException {
        try (TextScorer scorer = TextScorer.builder(model("m2m_100"))
                .device("cpu")
                .sourceLanguage("eng_Latn")
                .open()) {
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> scorer.score(List.of(new TextScorer.Translated("w20", "w21"))))
                    .getMessage();
            assertTrue(message.contains("--target-lang"), message);
        }
    }

    private static Translator open(Path model, OverlongSource overlong) {
        return Translator.builder(model)
                .device("cpu")
                .overlong(overlong)
                .sourceLanguage("eng_Latn")
                .targetLanguage("deu_Latn")
                .open();
    }

    /** A golden model with a tokenizer of words {@code w4} to {@code w89} and two languages. */
    private Path model(String family) throws IOException {
        Path folder = Files.createDirectories(temporary.resolve(family));
        try (Stream<Path> files =
                Files.list(Path.of(Objects.requireNonNull(ManyLanguagesTest.class.getResource("/goldens/" + family))
                        .toURI()))) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        ObjectNode root = new ObjectMapper().createObjectNode();
        ObjectNode words = root.putObject("model")
                .put("type", "WordLevel")
                .put("unk_token", "<unk>")
                .putObject("vocab");
        List<String> special = List.of("<s>", "<pad>", "</s>", "<unk>");
        special.forEach(token -> words.put(token, words.size()));
        for (int id = 4; id < 90; id++) {
            words.put("w" + id, id);
        }
        root.putObject("pre_tokenizer").put("type", "WhitespaceSplit");
        for (String code : Arrays.asList("eng_Latn", "deu_Latn")) {
            root.withArray("added_tokens")
                    .addObject()
                    .put("id", code.equals("eng_Latn") ? 90 : 91)
                    .put("content", code)
                    .put("special", true)
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false);
        }
        Files.writeString(folder.resolve("tokenizer.json"), root.toString());
        if (family.equals("mbart")) {
            Files.writeString(folder.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"MBartTokenizer\"}");
        }
        return folder;
    }
}
