package dev.gyre;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gyre.transformer.family.Config;
import dev.gyre.weights.Checkpoint;
import dev.gyre.weights.ModelFormatException;
import dev.gyre.weights.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * A dense module of sentence-transformers: a linear map of a text's vector, then an activation. It runs on the host: one
 * vector a text is little beside the model.
 *
 * @param weight {@code [outputs, inputs]}
 * @param bias zeros where the module has none
 */
record Dense(int inputs, int outputs, float[] weight, float[] bias, DoubleUnaryOperator activation) {

    /** By the last part of the class that config.json names. */
    private static final Map<String, DoubleUnaryOperator> ACTIVATIONS = Map.of(
            "Identity", x -> x,
            "Tanh", Math::tanh,
            "Sigmoid", x -> 1 / (1 + Math.exp(-x)),
            "ReLU", x -> Math.max(x, 0),
            "SiLU", x -> x / (1 + Math.exp(-x)));

    /** @throws ModelFormatException if the module's files are missing, or say what is not supported */
    static Dense read(Path module) {
        Config config = Config.read(module.resolve("config.json"));
        int inputs = config.size("in_features");
        int outputs = config.size("out_features");
        for (String field : new String[] {"module_input_name", "module_output_name"}) {
            String name = config.string(field, "sentence_embedding");
            if (!name.equals("sentence_embedding")) {
                throw new ModelFormatException(config.where() + ": " + field + " is \"" + name
                        + "\"; only dense modules of a text's vector (sentence_embedding) are supported");
            }
        }
        JsonNode residual = config.get("use_residual");
        if (residual != null && residual.asBoolean()) {
            throw new ModelFormatException(config.where() + ": use_residual is true, which is not supported");
        }
        String function = config.string("activation_function", "torch.nn.modules.activation.Tanh");
        DoubleUnaryOperator activation = ACTIVATIONS.get(function.substring(function.lastIndexOf('.') + 1));
        if (activation == null) {
            throw new ModelFormatException(config.where() + ": activation_function is \"" + function
                    + "\", which is not supported; supported are "
                    + ACTIVATIONS.keySet().stream().sorted().toList());
        }
        if (!Safetensors.isIn(module)) {
            throw new ModelFormatException("there is no file " + module.resolve("model.safetensors")
                    + (Files.exists(module.resolve("pytorch_model.bin"))
                            ? "; pytorch_model.bin is not read: in Python, SentenceTransformer(folder).save(folder)"
                                    + " writes it"
                            : ""));
        }
        try (Checkpoint file = Safetensors.open(module)) {
            float[] bias = config.flag("bias", true) ? read(file, "linear.bias", outputs) : new float[outputs];
            return new Dense(inputs, outputs, read(file, "linear.weight", outputs, inputs), bias, activation);
        }
    }

    private static float[] read(Checkpoint file, String name, int... shape) {
        if (!Arrays.equals(file.shape(name), shape)) {
            throw new ModelFormatException(file.origin() + ": " + name + " has the shape "
                    + Arrays.toString(file.shape(name)) + "; config.json says "
                    + Arrays.toString(shape));
        }
        if (file.unscaled(name)) {
            throw new ModelFormatException(file.origin() + ": " + name + " is " + file.storedType(name)
                    + ", whole numbers without a scale; take the module in float32, float16 or bfloat16");
        }
        float[] numbers = new float[shape.length == 1 ? shape[0] : Math.multiplyExact(shape[0], shape[1])];
        file.read(name, 0, numbers.length, numbers, 0);
        return numbers;
    }

    float[] of(float[] vector) {
        float[] result = new float[outputs];
        for (int o = 0; o < outputs; o++) {
            double sum = bias[o];
            for (int i = 0; i < inputs; i++) {
                sum += (double) weight[o * inputs + i] * vector[i];
            }
            result[o] = (float) activation.applyAsDouble(sum);
        }
        return result;
    }
}
