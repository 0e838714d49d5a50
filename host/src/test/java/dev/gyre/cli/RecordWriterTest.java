package dev.gyre.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gyre.Translation;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordWriterTest {

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.NEGATIVE_INFINITY, -0.25f})
    void jsonHasNoWordForWhatIsNoNumber(float score) throws IOException {
        RecordWriter writer = new RecordWriter(Format.JSONL, true, false, 1);
        byte[] bytes = writer.bytes(new Line(1, "Yes."), new Translation("Ja.", List.of("Ja", "."), score, List.of()));
        JsonNode record = new ObjectMapper().readTree(bytes);
        assertEquals("Ja.", record.path("text").asText());
        if (Float.isFinite(score)) {
            assertEquals(score, record.path("score").asDouble());
        } else {
            assertTrue(record.path("score").isNull(), record.toString());
        }
    }
}
