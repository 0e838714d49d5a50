package dev.gyre.weights;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A {@code model.bin} of version 6 in the making: every variable is zeros but the scalars. */
public final class ModelBin {

    private final String specification;
    private final int revision;
    private final Map<String, byte[]> variables = new LinkedHashMap<>();
    private final Map<String, String> aliases = new LinkedHashMap<>();

    public ModelBin(String specification, int revision) {
        this.specification = specification;
        this.revision = revision;
    }

    /** A float32 variable. */
    public ModelBin tensor(String name, int... shape) {
        Bytes bytes = new Bytes().u8(shape.length);
        int elements = 1;
        for (int axis : shape) {
            bytes.u32(axis);
            elements *= axis;
        }
        variables.put(
                name, bytes.u8(0).u32(4L * elements).raw(new byte[4 * elements]).array());
        return this;
    }

    /** An int8 scalar: a flag or a code. */
    public ModelBin code(String name, int value) {
        variables.put(name, new Bytes().u8(0).u8(1).u32(1).u8(value).array());
        return this;
    }

    /** A float32 scalar. */
    public ModelBin number(String name, float value) {
        variables.put(name, new Bytes().u8(0).u8(0).u32(4).floats(value).array());
        return this;
    }

    public ModelBin alias(String name, String target) {
        aliases.put(name, target);
        return this;
    }

    public ModelBin without(String name) {
        variables.remove(name);
        return this;
    }

    public ModelBin linear(String name, int outputs, int inputs) {
        return tensor(name + "/weight", outputs, inputs).tensor(name + "/bias", outputs);
    }

    public ModelBin norm(String name, int width) {
        return tensor(name + "/gamma", width).tensor(name + "/beta", width);
    }

    /** Everything of an encoder-decoder with one layer on each side. */
    public static ModelBin transformer(String specification, int revision, int width, int inner, int vocabulary) {
        ModelBin file = new ModelBin(specification, revision);
        for (String side : new String[] {"encoder", "decoder"}) {
            file.tensor(side + "/embeddings/weight", vocabulary, width);
            String layer = side + "/layer_0";
            file.linear(layer + "/self_attention/linear_0", 3 * width, width)
                    .linear(layer + "/self_attention/linear_1", width, width)
                    .norm(layer + "/self_attention/layer_norm", width)
                    .linear(layer + "/ffn/linear_0", inner, width)
                    .linear(layer + "/ffn/linear_1", width, inner)
                    .norm(layer + "/ffn/layer_norm", width)
                    .norm(side + "/layer_norm", width);
        }
        return file.linear("decoder/layer_0/attention/linear_0", width, width)
                .linear("decoder/layer_0/attention/linear_1", 2 * width, width)
                .linear("decoder/layer_0/attention/linear_2", width, width)
                .norm("decoder/layer_0/attention/layer_norm", width)
                .linear("decoder/projection", vocabulary, width);
    }

    public Path write(Path file) {
        Bytes bytes = string(new Bytes().u32(6), specification).u32(revision).u32(variables.size());
        variables.forEach((name, variable) -> string(bytes, name).raw(variable));
        bytes.u32(aliases.size());
        aliases.forEach((name, target) -> string(string(bytes, name), target));
        return Bytes.write(file, bytes.array());
    }

    private static Bytes string(Bytes bytes, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return bytes.u16(utf8.length + 1).raw(utf8).u8(0);
    }
}
