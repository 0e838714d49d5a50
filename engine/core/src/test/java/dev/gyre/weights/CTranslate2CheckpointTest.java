package dev.gyre.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CTranslate2CheckpointTest {

    private static final int FLOAT32 = 0;
    private static final int INT8 = 1;
    private static final int INT16 = 2;
    private static final int FLOAT16 = 4;
    private static final int BFLOAT16 = 5;

    @TempDir
    Path folder;

    @Test
    void readsVersion1UnderTheNamesOfTheNewest() {
        Bytes file = new Bytes().u32(1).u32(3);
        old(file, "transformer/decoder/layer_0/multi_head/conv1d_2/kernel:0", 2, 1, 2)
                .u16(500)
                .u16(-250);
        old(file, "transformer/encoder/layer_0/masked_multi_head/LayerNorm/beta:0", 4, 1)
                .floats(7);
        old(file, "transformer/encoder/w_embs:0", 4, 1, 1).floats(8);
        try (CTranslate2Checkpoint checkpoint = open(file)) {
            assertEquals(
                    Set.of(
                            "decoder/layer_0/attention/linear_2/weight",
                            "encoder/layer_0/self_attention/layer_norm/beta",
                            "encoder/embeddings/weight"),
                    checkpoint.names());
            assertEquals(1, checkpoint.revision());
            // An int16 weight without a scale has the scale 1000.
            assertArrayEquals(
                    new float[] {0.5f, -0.25f}, read(checkpoint, "decoder/layer_0/attention/linear_2/weight"));
        }
    }

    @Test
    void dividesIntegersByTheirScales() {
        Bytes file = new Bytes().u32(2);
        string(file, "TransformerBase").u32(2).u32(4);
        old(file, "a/weight", 1, 2, 2).raw((byte) 127, (byte) -64, (byte) 1, (byte) 2);
        old(file, "a/weight_scale", 4, 2).floats(127, 4);
        old(file, "b/weight", 2, 1, 2).u16(1024).u16(-512);
        old(file, "b/weight_scale", 4).floats(512);
        try (CTranslate2Checkpoint checkpoint = open(file)) {
            assertArrayEquals(new float[] {1, -64f / 127, 0.25f, 0.5f}, read(checkpoint, "a/weight"));
            assertArrayEquals(new float[] {2, -1}, read(checkpoint, "b/weight"));
            float[] second = new float[2];
            checkpoint.read("a/weight", 1, 2, second, 0);
            assertArrayEquals(new float[] {-64f / 127, 0.25f}, second);
            assertEquals("int8", checkpoint.storedType("a/weight"));
            assertEquals("TransformerBase", checkpoint.specification());
        }
    }

    @Test
    void readsAliasesOfVersion3BehindSizesOfItems() {
        Bytes file = new Bytes().u32(3);
        string(file, "TransformerSpec").u32(3).u32(1);
        old(file, "x/weight", 4, 1, 2).floats(1, -2);
        string(string(file.u32(1), "y/weight"), "x/weight");
        try (CTranslate2Checkpoint checkpoint = open(file)) {
            assertArrayEquals(new float[] {1, -2}, read(checkpoint, "y/weight"));
            assertEquals(3, checkpoint.version());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5, 6})
    void readsTypeCodesAndAliases(int version) {
        Bytes file = new Bytes().u32(version);
        string(file, "TransformerSpec").u32(7).u32(4);
        coded(file, "h/weight", FLOAT16, 2, 2).u16(0x3c00).u16(0xc000);
        coded(file, "b/weight", BFLOAT16, 2, 2).u16(0x3f80).u16(0xc000);
        coded(file, "q/weight", INT8, 1, 1, 1).u8(10);
        coded(file, "q/weight_scale", FLOAT32, 4, 1).floats(2);
        file.u32(2);
        string(string(file, "alias/weight"), "q/weight");
        string(string(file, "again/weight"), "alias/weight");
        try (CTranslate2Checkpoint checkpoint = open(file)) {
            assertArrayEquals(new float[] {1, -2}, read(checkpoint, "h/weight"));
            assertArrayEquals(new float[] {1, -2}, read(checkpoint, "b/weight"));
            assertArrayEquals(new float[] {5}, read(checkpoint, "again/weight"));
            assertEquals("q/weight", checkpoint.storedAs("again/weight"));
            assertEquals(version, checkpoint.version());
        }
    }

    @Test
    void refusesAFileCutOffAnywhere() {
        byte[] whole = good().array();
        open(good()).close();
        for (int length = 0; length < whole.length; length++) {
            assertRefused(Arrays.copyOf(whole, length), "");
        }
        assertRefused(Arrays.copyOf(whole, whole.length + 3), "3 bytes follow the end");
    }

    @Test
    void noByteOfAFileCanDoWorseThanAFailure() {
        byte[] whole = good().array();
        int refused = 0;
        for (int at = 0; at < whole.length; at++) {
            for (int value : new int[] {0, 1, 0x7f, 0x80, 0xff}) {
                byte[] damaged = whole.clone();
                damaged[at] = (byte) value;
                Path file = Bytes.write(folder.resolve("model.bin"), damaged);
                try (CTranslate2Checkpoint checkpoint = CTranslate2Checkpoint.open(file)) {
                    checkpoint.names().forEach(name -> read(checkpoint, name));
                } catch (ModelFormatException e) {
                    refused++;
                    assertTrue(e.getMessage().contains("model.bin"), e.getMessage());
                    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
                }
            }
        }
        assertTrue(refused > whole.length, "only " + refused + " of the damaged files were refused");
    }

    @Test
    void refusesVersionsItDoesNotKnow() {
        assertRefused(new Bytes().u32(0).u32(0).array(), "binary version 0; 1 to 6");
        assertRefused(new Bytes().u32(7).u32(0).array(), "binary version 7");
        assertRefused(new Bytes().u32(0xffff_ffffL).u32(0).array(), "binary version 4294967295");
    }

    @Test
    void refusesAbsurdNumbers() {
        assertRefused(new Bytes().u32(1).u32(0xffff_ffffL).array(), "variable 1 of 4294967295", "cut off");
        assertRefused(coded(start(), "x", FLOAT32, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1).array(), "9 axes; at most 8");
        assertRefused(
                start(1).raw(name("x")).u8(1).u32(0xffff_ffffL).u8(0).u32(0).array(), "axis 0", "4294967295");
        assertRefused(
                start(1).raw(name("x"))
                        .u8(3)
                        .u32(0x7fff_ffff)
                        .u32(0x7fff_ffff)
                        .u32(0x7fff_ffff)
                        .u8(0)
                        .u32(4)
                        .array(),
                "shape [2147483647, 2147483647, 2147483647]",
                "payload of 4 bytes");
        assertRefused(
                start(1).raw(name("x")).u8(1).u32(1).u8(6).u32(4).floats(1).array(), "is 6; known are 0 to 5");
        assertRefused(
                start(1).raw(name("x")).u8(1).u32(1).u8(0).u32(8).floats(1, 2).array(), "payload of 8 bytes");
        assertRefused(start(1).u16(0).array(), "length 0");
        assertRefused(start(1).u16(60000).text("x").array(), "needs 60000 bytes, the file has 1 more");
        assertRefused(start(1).u16(2).text("xy").array(), "does not end in NUL");
        assertRefused(start(1).u16(2).raw((byte) 0xff, (byte) 0).array(), "not UTF-8");
        Bytes halfSize = new Bytes().u32(2);
        string(halfSize, "TransformerBase")
                .u32(2)
                .u32(1)
                .raw(name("x"))
                .u8(0)
                .u8(3)
                .u32(0);
        assertRefused(halfSize.array(), "item size", "is 3; known are 4");
    }

    @Test
    void refusesNamesThatComeTwice() {
        Bytes file = start(2);
        coded(file, "x", FLOAT32, 4, 1).floats(1);
        coded(file, "x", FLOAT32, 4, 1).floats(1);
        assertRefused(file.u32(0).array(), "variable 2 of 2 has the name of an earlier one, x");
    }

    @Test
    void refusesAliasesOfNothing() {
        assertRefused(
                string(string(single().u32(1), "a"), "b").array(), "alias 1 of 1, a, stands for b", "no variable");
        // A circle: the first of its aliases stands for one that is not there yet.
        Bytes circle = single().u32(2);
        string(string(string(string(circle, "a"), "b"), "b"), "a");
        assertRefused(circle.array(), "alias 1 of 2, a, stands for b");
        Bytes itself = single().u32(1);
        assertRefused(string(string(itself, "a"), "a").array(), "a, stands for a");
        assertRefused(string(string(single().u32(1), "x"), "x").array(), "has the name of a variable, x");
        Bytes twice = single().u32(2);
        string(string(string(string(twice, "a"), "x"), "a"), "x");
        assertRefused(twice.array(), "has the name of an earlier alias, a");
        assertRefused(single().u32(0xffff_ffffL).array(), "alias 1 of 4294967295");
    }

    @Test
    void refusesScalesThatDoNotFit() {
        Bytes none = start(1);
        coded(none, "x/weight", INT8, 1, 2, 1).u8(1).u8(2);
        assertRefused(none.u32(0).array(), "x/weight is int8 [2, 1]", "x/weight_scale, which is not there");
        Bytes three = start(2);
        coded(three, "x/weight", INT8, 1, 2, 1).u8(1).u8(2);
        coded(three, "x/weight_scale", FLOAT32, 4, 3).floats(1, 2, 3);
        assertRefused(three.u32(0).array(), "x/weight_scale has 3 elements");
        Bytes zero = start(2);
        coded(zero, "x/weight", INT8, 1, 2, 1).u8(1).u8(2);
        coded(zero, "x/weight_scale", FLOAT32, 4, 2).floats(1, 0);
        assertRefused(zero.u32(0).array(), "element 1 of x/weight_scale is 0.0");
        Bytes integers = start(2);
        coded(integers, "x/weight", INT8, 1, 2, 1).u8(1).u8(2);
        coded(integers, "x/weight_scale", INT16, 2, 2).u16(1).u16(2);
        assertRefused(integers.u32(0).array(), "x/weight_scale, which is int16");
    }

    @Test
    void showsNamesOnOneLine() {
        Bytes file = start(1);
        coded(file, "two\nlines\u0007", INT8, 1, 2).u8(1);
        assertRefused(file.array(), "two\\u000alines\\u0007");
    }

    private static Bytes good() {
        Bytes file = start(3);
        coded(file, "q/weight", INT8, 1, 2, 2).raw((byte) 1, (byte) 2, (byte) 3, (byte) 4);
        coded(file, "q/weight_scale", FLOAT32, 4, 2).floats(2, 4);
        coded(file, "encoder/num_heads", INT16, 2).u16(8);
        return string(string(file.u32(1), "a"), "q/weight");
    }

    private static Bytes start(int variables) {
        Bytes file = new Bytes().u32(6);
        return string(file, "TransformerSpec").u32(7).u32(variables);
    }

    private static Bytes start() {
        return start(1);
    }

    private static Bytes single() {
        return coded(start(1), "x", FLOAT32, 4, 1).floats(1);
    }

    /** The head of a variable of versions 1 to 3; its payload follows. */
    private static Bytes old(Bytes file, String name, int itemSize, int... shape) {
        return head(file, name, shape).u8(itemSize).u32(elements(shape));
    }

    /** The head of a variable of versions 4 to 6; its payload follows. */
    private static Bytes coded(Bytes file, String name, int code, int itemSize, int... shape) {
        return head(file, name, shape).u8(code).u32((long) itemSize * elements(shape));
    }

    private static Bytes head(Bytes file, String name, int... shape) {
        string(file, name).u8(shape.length);
        Arrays.stream(shape).forEach(file::u32);
        return file;
    }

    private static int elements(int... shape) {
        return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }

    private static Bytes string(Bytes file, String text) {
        return file.raw(name(text));
    }

    private static byte[] name(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return new Bytes().u16(utf8.length + 1).raw(utf8).u8(0).array();
    }

    private CTranslate2Checkpoint open(Bytes file) {
        return CTranslate2Checkpoint.open(Bytes.write(folder.resolve("model.bin"), file.array()));
    }

    private void assertRefused(byte[] bytes, String... parts) {
        Path file = Bytes.write(folder.resolve("model.bin"), bytes);
        Failures.assertOneLine(() -> CTranslate2Checkpoint.open(file).close(), "model.bin", parts);
    }

    private static float[] read(Checkpoint checkpoint, String name) {
        float[] values = new float[elements(checkpoint.shape(name))];
        checkpoint.read(name, 0, values.length, values, 0);
        return values;
    }
}
