package dev.gyre.transformer.family;

import dev.gyre.graph.Tensor.Weight;
import dev.gyre.weights.CTranslate2Checkpoint;
import dev.gyre.weights.ModelFormatException;
import dev.gyre.weights.Names;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The variables of a file, with a record of which were looked at: those that nobody wanted mean something unknown. */
final class CTranslate2Variables {

    /** Flags of features that are not supported; they do no harm where they are off. */
    private static final Set<String> OFF = Set.of(
            "alibi", "start_from_zero_embedding", "multi_query_attention", "multi_query", "layer_norm_use_residual");

    /** Attributes that say nothing about the computation, or say it only for a feature that is off. */
    private static final Set<String> IDLE = Set.of(
            "alibi_use_positive_positions",
            "scale_alibi",
            "alignment_layer",
            "alignment_heads",
            "embeddings_merge",
            "num_heads",
            "pre_norm",
            "activation",
            "unk_token",
            "bos_token",
            "eos_token",
            "with_source_bos",
            "with_source_eos",
            "with_target_bos",
            "user_decoder_start_tokens");

    private final CTranslate2Checkpoint file;
    private final Set<String> used = new HashSet<>();

    CTranslate2Variables(CTranslate2Checkpoint file) {
        this.file = file;
    }

    boolean has(String name) {
        return file.names().contains(name);
    }

    boolean hasScope(String scope) {
        return file.names().stream().anyMatch(n -> n.startsWith(scope + "/"));
    }

    /** A matrix under the name under which it is stored, so that aliases of one are one on the device. */
    Weight matrix(String name) {
        int[] shape = shape(name);
        if (shape.length != 2 || shape[0] < 1 || shape[1] < 1) {
            throw new ModelFormatException(
                    file.origin() + ": " + name + " is " + Arrays.toString(shape) + ", not a matrix");
        }
        return Weight.matrix(file.storedAs(name), shape[0], shape[1]);
    }

    /** Checks that a variable is a vector of this length; gives the name back under which it is stored. */
    String vector(String name, int length) {
        int[] shape = shape(name);
        if (shape.length != 1 || shape[0] != length) {
            throw new ModelFormatException(
                    file.origin() + ": " + name + " is " + Arrays.toString(shape) + ", not [" + length + "]");
        }
        return file.storedAs(name);
    }

    private int[] shape(String name) {
        if (!has(name)) {
            throw new ModelFormatException(file.origin() + " has no variable " + name);
        }
        used.add(name);
        used.add(file.storedAs(name));
        return file.shape(name);
    }

    /** The value of a scalar, or another where there is none. */
    float scalar(String name, float otherwise) {
        if (!has(name)) {
            return otherwise;
        }
        int[] shape = shape(name);
        if (Arrays.stream(shape).anyMatch(axis -> axis != 1)) {
            throw new ModelFormatException(
                    file.origin() + ": " + name + " is " + Arrays.toString(shape) + ", not a scalar");
        }
        float[] value = new float[1];
        file.read(name, 0, 1, value, 0);
        if (!Float.isFinite(value[0])) {
            throw new ModelFormatException(file.origin() + ": " + name + " is " + value[0]);
        }
        return value[0];
    }

    /** A flag (int8) says whether rows are multiplied with √width, as they are without one; a float is the factor. */
    float embeddingScale(String scope, int width) {
        String name = scope + "/scale_embeddings";
        if (!has(name)) {
            name = scope + "/embeddings/multiply_by_sqrt_depth";
        }
        float root = (float) Math.sqrt(width);
        if (!has(name)) {
            return root;
        }
        float value = scalar(name, 1);
        return file.storedType(name).equals("int8") ? value != 0 ? root : 1 : value;
    }

    /** Whether a variable is known, though it is no weight: an attribute, or the scales of a weight. */
    boolean meant(String name) {
        String last = name.substring(name.lastIndexOf('/') + 1);
        if (IDLE.contains(last) || used.contains(name)) {
            return true;
        }
        if (OFF.contains(last)) {
            return scalar(name, 0) == 0;
        }
        return name.endsWith("_scale") && used.contains(name.substring(0, name.length() - "_scale".length()));
    }

    void requireAllUsed() {
        List<String> unknown = List.copyOf(file.names()).stream()
                .filter(n -> !meant(n))
                .sorted()
                .toList();
        if (!unknown.isEmpty()) {
            throw new ModelFormatException(file.origin() + " has " + unknown.size()
                    + " variables of a feature that is not supported (relative or rotary positions, ALiBi, source "
                    + "features, parallel layers and the like): " + Names.some(unknown));
        }
    }
}
