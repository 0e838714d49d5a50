package dev.gyre.weights;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A header may say anything; every lie is one line that names the file. */
class DamagedSafetensorsTest {

    private static final String GOOD = "{\"x\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}";

    @TempDir
    Path folder;

    static Stream<Arguments> headers() {
        return Stream.of(
                entry("\"F31\"", "[2,3]", "[0,24]", "dtype \"F31\"; known are F64, F32"),
                entry("7", "[2,3]", "[0,24]", "dtype \"7\""),
                entry("\"F16\"", "[2,3]", "[0,24]", "needs 6·2 bytes, data_offsets gives 24"),
                entry("\"F32\"", "[2,4]", "[0,24]", "needs 8·4 bytes"),
                entry("\"F32\"", "[2,-3]", "[0,24]", "shape[1] is -3"),
                entry("\"F32\"", "[2.5]", "[0,24]", "shape[0] is 2.5"),
                entry("\"F32\"", "[1e3]", "[0,24]", "shape[0] is 1000.0"),
                entry("\"F32\"", "\"big\"", "[0,24]", "no array shape"),
                entry("\"F32\"", "[99999999999999999999999]", "[0,24]", "shape[0]"),
                entry("\"F32\"", "[3000000000]", "[0,24]", "at most 2147483647 long"),
                // 2^31-1 four times over: the product does not fit into 64 bits.
                entry("\"F32\"", "[2147483647,2147483647,2147483647]", "[0,24]", "more than 2^63"),
                // A product that is 6 after it has wrapped around must not pass.
                entry("\"F32\"", "[1073741824,1073741824,16,6]", "[0,24]", "more than 2^63"),
                entry("\"F32\"", "[1,1,1,1,1,1,1,1,6]", "[0,24]", "9 axes; at most 8"),
                entry("\"F32\"", "[2,3]", "[0,28]", "not a range of the 24 bytes"),
                entry("\"F32\"", "[2,3]", "[24,0]", "not a range"),
                entry("\"F32\"", "[2,3]", "[-24,0]", "data_offsets[0] is -24"),
                entry("\"F32\"", "[2,3]", "[9223372036854775807,24]", "not a range"),
                entry("\"F32\"", "[2,3]", "[0]", "not a range"),
                entry("\"F32\"", "[2,3]", "{}", "no array data_offsets"),
                entry("\"F32\"", "[2,2]", "[0,16]", "its tensors take 16"),
                entry("\"F32\"", "[2,2]", "[8,24]", "bytes 0 to 8 of the data belong to no tensor"),
                Arguments.of("{\"x\":7}", "dtype"),
                Arguments.of("{\"x\":{}}", "dtype"),
                Arguments.of("[]", "JSON object"),
                Arguments.of("{}", "24 bytes of data, its tensors take 0"),
                Arguments.of("NaN", "not valid JSON"),
                Arguments.of("{\"x\":NaN}", "not valid JSON"),
                Arguments.of("{\"x\"", "not valid JSON"),
                Arguments.of("{} {}", "not valid JSON"),
                Arguments.of("{\"x\":" + "[".repeat(2000), "not valid JSON"),
                Arguments.of(
                        "{\"x\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]},"
                                + "\"y\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[8,24]}}",
                        "x and y overlap at byte 8"),
                Arguments.of(
                        "{\"x\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]},"
                                + "\"x\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[12,24]}}",
                        "Duplicate"));
    }

    private static Arguments entry(String dtype, String shape, String offsets, String part) {
        return Arguments.of(
                "{\"x\":{\"dtype\":" + dtype + ",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}", part);
    }

    @ParameterizedTest
    @MethodSource("headers")
    void refusesHeadersThatLie(String header, String part) {
        assertRefused(Bytes.safetensors(header, new byte[24]), part);
    }

    @Test
    void refusesAFileCutOffAnywhere() {
        byte[] whole = Bytes.safetensors(GOOD, new byte[24]);
        for (int length = 0; length < whole.length; length++) {
            assertRefused(Arrays.copyOf(whole, length), "");
        }
        assertRefused(Arrays.copyOf(whole, whole.length + 1), "25 bytes of data");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 100_000_001, Long.MAX_VALUE, Long.MIN_VALUE, -1})
    void refusesAbsurdHeaderLengths(long length) {
        assertRefused(new Bytes().u64(length).text(GOOD).raw(new byte[24]).array(), "header length");
    }

    @Test
    void refusesBytesThatAreNoText() {
        assertRefused(
                new Bytes()
                        .u64(4)
                        .raw((byte) '{', (byte) 0xff, (byte) 0xfe, (byte) '}')
                        .array(),
                "JSON");
    }

    @Test
    void namesWhatIsNoFile() {
        Failures.assertOneLine(
                () -> Safetensors.open(folder.resolve("none.safetensors")), "none.safetensors", "there is no file");
        Failures.assertOneLine(() -> Safetensors.open(folder), "model.safetensors.index.json", "there is no file");
    }

    private void assertRefused(byte[] bytes, String part) {
        Path file = Bytes.write(folder.resolve("model.safetensors"), bytes);
        Failures.assertOneLine(() -> Safetensors.open(file).close(), "model.safetensors", part);
    }
}
