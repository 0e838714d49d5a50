package dev.gyre.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gyre.OneLine;
import dev.gyre.SharedFolder;
import dev.gyre.weights.ModelFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDirectoryTest {

    @TempDir
    Path folder;

    @Test
    void opensTheDemonstrationModel() {
        try (ModelDirectory model = ModelDirectory.open(SharedFolder.englishGerman())) {
            assertEquals("marian", model.transformer().family());
            assertEquals(List.of(0), model.special().end());
            assertEquals(OptionalInt.of(8000), model.special().decoderStart());
            assertEquals(List.of(0), model.special().forcedEnd());
            assertEquals(OptionalInt.of(1), model.special().unknown());
            assertEquals(List.of(List.of(8000)), model.generationOptions().get("bad_words_ids"));
            assertEquals(4, model.generationOptions().get("num_beams"));
            assertEquals(List.of(), model.unusedTensors());
            assertTrue(model.tokenizer().isPresent());
            assertEquals(256, model.transformer().maxSource());
        }
    }

    @Test
    void generationDefaultsOfOldModelsAreInTheirConfig() throws IOException {
        copyModel();
        Files.delete(folder.resolve("generation_config.json"));
        edit("config.json", "\"bos_token_id\": 0", "\"bos_token_id\": null, \"num_beams\": 6, \"max_length\": 99");
        try (ModelDirectory model = ModelDirectory.open(folder)) {
            assertEquals(6, model.generationOptions().get("num_beams"));
            assertEquals(99, model.generationOptions().get("max_length"));
            assertEquals(0, model.generationOptions().get("forced_eos_token_id"));
            assertEquals(OptionalInt.empty(), model.special().begin());
            assertTrue(!model.defaults().fields().containsKey("d_model"), "d_model is no option of generation");
        }
    }

    @Test
    void specialTokensThatGenerationLeavesOutAreInTheConfig() throws IOException {
        copyModel();
        edit("generation_config.json", "\"eos_token_id\": 0,", "");
        edit("config.json", "\"eos_token_id\": 0,", "\"eos_token_id\": [0, 5],");
        try (ModelDirectory model = ModelDirectory.open(folder)) {
            assertEquals(List.of(0, 5), model.special().end());
            assertEquals(List.of(0, 5), model.generationOptions().get("eos_token_id"));
        }
    }

    @Test
    void refusesSpecialTokensOutsideTheVocabulary() throws IOException {
        copyModel();
        edit("generation_config.json", "\"decoder_start_token_id\": 8000", "\"decoder_start_token_id\": 8001");
        assertRefused("generation_config.json", "decoder_start_token_id is 8001", "whole numbers from 0 to 8000");
    }

    @Test
    void namesWhatIsMissing() throws IOException {
        OneLine.assertFails(
                ModelFormatException.class,
                () -> ModelDirectory.open(folder.resolve("none")),
                "there is no folder",
                "config.json and model.safetensors");
        assertRefused("there is no file", "config.json", "model.bin");
        copyModel();
        Files.delete(folder.resolve("model.safetensors"));
        assertRefused("there is no file", "model.safetensors");
        Files.createFile(folder.resolve("pytorch_model.bin"));
        assertRefused("pytorch_model.bin only", "save_pretrained");
        edit("config.json", "\"marian\"", "\"reformer\"");
        assertRefused("config.json", "\"reformer\" is not a known family; known are marian, ");
        OneLine.assertFails(
                ModelFormatException.class,
                () -> ModelDirectory.open(folder.resolve("config.json")),
                "config.json is not a folder");
    }

    @Test
    void refusesAConfigThatContradictsTheTensors() throws IOException {
        copyModel();
        edit("config.json", "\"encoder_layers\": 4", "\"encoder_layers\": 5");
        assertRefused("model.safetensors lacks 16 of the", "model.encoder.layers.4.", "and 11 more");
        edit("config.json", "\"encoder_layers\": 5", "\"encoder_layers\": 4");
        edit("config.json", "\"encoder_ffn_dim\": 1024", "\"encoder_ffn_dim\": 1000");
        assertRefused("12 tensors with other shapes", "fc1.weight is [1024, 256], not [1000, 256]", "and 7 more");
    }

    @Test
    void saysWhichTensorsNobodyUses() throws IOException {
        copyModel();
        edit("config.json", "\"decoder_layers\": 3", "\"decoder_layers\": 2");
        try (ModelDirectory model = ModelDirectory.open(folder)) {
            assertEquals(26, model.unusedTensors().size());
            assertTrue(model.unusedTensors().stream().allMatch(n -> n.startsWith("model.decoder.layers.2.")));
        }
    }

    private void assertRefused(String... parts) {
        OneLine.assertFails(
                ModelFormatException.class, () -> ModelDirectory.open(folder).close(), parts);
    }

    private void edit(String file, String from, String to) throws IOException {
        String text = Files.readString(folder.resolve(file));
        assertTrue(text.contains(from), () -> from + " is not in " + file);
        Files.writeString(folder.resolve(file), text.replace(from, to));
    }

    private void copyModel() throws IOException {
        try (Stream<Path> files = Files.list(SharedFolder.englishGerman())) {
            files.forEach(file -> {
                try {
                    Files.copy(file, folder.resolve(file.getFileName()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
