package dev.gyre;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.Hypothesis;
import dev.gyre.scheduler.Seq2SeqRequest;
import dev.gyre.weights.ModelFormatException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TextGeneratorTest {

    private static final GenerationOptions TWELVE =
            GenerationOptions.builder().maxNewTokens(12).build();

    private final JsonNode expected = SmallModel.expected("gpt2", "expected_generate.json");
    private final String prompt = expected.path("prompt").asText();

    @Test
    void continuesAsTheReference() {
        try (TextGenerator generator = open("gpt2")) {
            Generation result = generator.generate(prompt, TWELVE);
            int[] all = SmallModel.ints(expected.path("ids"));
            int[] generated = Arrays.copyOfRange(all, all.length - 12, all.length);
            assertArrayEquals(
                    generated, result.ids().stream().mapToInt(Integer::intValue).toArray());
            assertEquals(expected.path("text").asText(), result.text());
        }
    }

    @Test
    void streamsWhatItReturns() {
        try (TextGenerator generator = open("gpt2")) {
            StringBuilder text = new StringBuilder();
            Generation whole = generator.stream(prompt, TWELVE, text::append);
            assertEquals(generator.generate(prompt, TWELVE), whole);
            assertTrue(text.toString().startsWith("A"), text.toString());
            GenerationOptions sample = TWELVE.toBuilder().doSample(true).seed(3).build();
            StringBuilder drawn = new StringBuilder();
            assertEquals(generator.generate(prompt, sample), generator.stream(prompt, sample, drawn::append));
            GenerationOptions beams = TWELVE.toBuilder().numBeams(2).build();
            assertThrows(IllegalArgumentException.class, () -> generator.stream(prompt, beams, text::append));
            assertThrows(
                    IllegalStateException.class,
                    () -> generator.stream(prompt, TWELVE, _ -> {
                        throw new IllegalStateException("enough");
                    }));
        }
    }

    @Test
    void stopStringsEndAHypothesis() {
        try (TextGenerator generator = open("gpt2")) {
            for (int beams : new int[] {1, 3}) {
                GenerationOptions free = TWELVE.toBuilder()
                        .numBeams(beams)
                        .numReturnSequences(beams)
                        .build();
                String stop = "eh"; // comes in what all of them find without it
                assertTrue(generator.generate(prompt, free).text().contains(stop));
                GenerationOptions options = free.toBuilder()
                        .stopWhen(new StopStrings(generator.tokenizer(), List.of(stop)))
                        .build();
                Generation best = generator.generate(prompt, options);
                List<Generation> all = Stream.concat(Stream.of(best), best.alternatives().stream())
                        .toList();
                assertTrue(all.stream().anyMatch(g -> g.text().contains(stop)), all.toString());
                // What has the string ends with it, all others are as long as they may be.
                for (Generation g : all) {
                    assertEquals(
                            g.text().contains(stop),
                            g.text().indexOf(stop) == g.text().length() - stop.length(),
                            g.text());
                    assertTrue(g.text().contains(stop) || g.ids().size() == 12, g.text());
                }
            }
            assertThrows(IllegalArgumentException.class, () -> new StopStrings(generator.tokenizer(), List.of("")));
        }
    }

    @Test
    void scoresOfTokensSumToTheScore() {
        try (TextGenerator generator = open("gpt2")) {
            for (int beams : new int[] {1, 4}) {
                GenerationOptions options = TWELVE.toBuilder()
                        .numBeams(beams)
                        .numReturnSequences(beams)
                        .lengthPenalty(0.5)
                        .build();
                Generation best = generator.generate(prompt, options);
                for (Generation g : Stream.concat(Stream.of(best), best.alternatives().stream())
                        .toList()) {
                    int n = g.tokenScores().size();
                    assertEquals(g.ids().size() + (g.ended() ? 1 : 0), n);
                    double sum = g.tokenScores().stream()
                            .mapToDouble(Float::doubleValue)
                            .sum();
                    assertEquals(g.score(), sum / Math.pow(n, 0.5), 1e-4);
                    assertTrue(g.tokenScores().stream().allMatch(s -> s <= 0));
                }
            }
            GenerationOptions drawn = TWELVE.toBuilder().doSample(true).seed(5).build();
            Generation g = generator.generate(prompt, drawn);
            double sum =
                    g.tokenScores().stream().mapToDouble(Float::doubleValue).sum();
            assertEquals(g.score(), sum / g.tokenScores().size(), 1e-4);
        }
    }

    @Test
    void onlyAllowedTokensCome() {
        Set<Integer> allowed = Set.of(40, 41, 42);
        int[] ids = allowed.stream().mapToInt(Integer::intValue).toArray();
        try (TextGenerator generator = open("gpt2")) {
            for (int beams : new int[] {1, 2}) {
                GenerationOptions options =
                        TWELVE.toBuilder().numBeams(beams).allowedTokenIds(ids).build();
                Generation result = generator.generate(prompt, options);
                assertEquals(12, result.ids().size());
                assertTrue(allowed.containsAll(result.ids()), result.ids().toString());
                // Allowing everything changes nothing.
                int[] all = IntStream.range(0, 331).toArray();
                GenerationOptions free = TWELVE.toBuilder().numBeams(beams).build();
                assertEquals(
                        generator.generate(prompt, free).ids(),
                        generator
                                .generate(
                                        prompt,
                                        free.toBuilder().allowedTokenIds(all).build())
                                .ids());
            }
            GenerationOptions none =
                    TWELVE.toBuilder().nextTokens(_ -> new int[0]).build();
            assertThrows(IllegalStateException.class, () -> generator.generate(prompt, none));
            // The failure was that request's alone.
            assertEquals(12, generator.generate(prompt, TWELVE).ids().size());
        }
    }

    @Test
    void longPromptsAreReadInPieces() {
        JsonNode reference = SmallModel.expected("llama3", "expected_long.json");
        int[] ids = SmallModel.ints(reference.path("ids"));
        float[] logits = SmallModel.floats(reference.path("last_logits"));
        try (TextGenerator generator = open("llama3")) {
            assertTrue(ids.length > generator.decoder().capacity().rows(), "the prompt fits into one run");
            List<Hypothesis> result = generator
                    .decoder()
                    .submit(new Seq2SeqRequest(
                            ids, GenerationOptions.builder().maxNewTokens(1).build(), 0))
                    .join();
            int token = result.getFirst().generated()[0];
            double sum = 0;
            for (float l : logits) {
                sum += Math.exp(l - logits[token]);
            }
            assertEquals(reference.path("sequence").get(ids.length).asInt(), token);
            assertEquals(-Math.log(sum), result.getFirst().score(), 1e-4);
        }
    }

    @Test
    void manyPromptsTogetherAreAsEachAlone() {
        List<String> prompts = List.of("The animal", "Black and", "w", "Numbers like 12, 345");
        try (TextGenerator generator = open("gpt2")) {
            List<Generation> together = generator.generate(prompts, TWELVE);
            for (int i = 0; i < prompts.size(); i++) {
                assertEquals(
                        generator.generate(prompts.get(i), TWELVE).ids(),
                        together.get(i).ids());
            }
            assertEquals(
                    4,
                    together.stream()
                            .map(Generation::ids)
                            .collect(Collectors.toSet())
                            .size());
        }
    }

    @Test
    void modelsWithAnEncoderAreAnError() {
        assertThrows(ModelFormatException.class, () -> open("embed"));
    }

    private static TextGenerator open(String name) {
        return TextGenerator.builder(SmallModel.folder(name)).device("cpu").open();
    }
}
