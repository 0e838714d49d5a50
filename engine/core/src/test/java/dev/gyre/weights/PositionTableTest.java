package dev.gyre.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gyre.weights.PositionTable.Layout;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PositionTableTest {

    /** Row 7, as numpy computes it from the formulas of the paper, of Hugging Face's Marian and of CTranslate2. */
    @ParameterizedTest
    @CsvSource({
        "INTERLEAVED, 6, '0.6569866 0.75390225 0.31922465 0.94767907 0.015080471 0.99988628'",
        "INTERLEAVED, 5, '0.6569866 0.75390225 0.17492742 0.98458133 0.0044166871'",
        "HALVES, 6, '0.6569866 0.31922465 0.015080471 0.75390225 0.94767907 0.99988628'",
        "HALVES, 5, '0.6569866 0.17492742 0.0044166871 0.75390225 0.98458133'",
        "HALVES_FROM_ONE, 6, '0.98935825 0.079914694 0.00079999991 -0.14550003 0.99680171 0.99999968'"
    })
    void rows(Layout layout, int columns, String expected) {
        Checkpoint none = new StoredCheckpoint("none", Map.of(), List.of());
        try (ComputedCheckpoint table =
                new ComputedCheckpoint(none, List.of(new PositionTable("p", 9, columns, layout)))) {
            float[] row = new float[columns];
            table.read("p", 7L * columns, columns, row, 0);
            String[] numbers = expected.split(" ");
            float[] wanted = new float[columns];
            for (int i = 0; i < columns; i++) {
                wanted[i] = Float.parseFloat(numbers[i]);
            }
            assertArrayEquals(wanted, row, 1e-6f);
            assertEquals(Set.of("p"), table.names());
        }
    }
}
