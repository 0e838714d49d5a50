package dev.gyre.transformer.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gyre.graph.Activation;
import dev.gyre.weights.Json;
import dev.gyre.weights.ModelFormatException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The fields of a configuration, each checked when it is read; a message names the file, the field and the value. */
public final class Config {

    /** Beyond any published model; keeps products of two sizes and a few layers far from overflow. */
    private static final int MAX_SIZE = 1 << 24;

    private static final int MAX_LAYERS = 1024;

    private static final Map<String, Activation> ACTIVATIONS = new TreeMap<>(Map.of(
            "relu", Activation.RELU,
            "gelu", Activation.GELU,
            "gelu_python", Activation.GELU,
            "gelu_new", Activation.GELU_TANH,
            "gelu_fast", Activation.GELU_TANH,
            "gelu_pytorch_tanh", Activation.GELU_TANH,
            "swish", Activation.SWISH,
            "silu", Activation.SWISH,
            "tanh", Activation.TANH));

    private final String where;
    private final ObjectNode fields;

    private Config(String where, ObjectNode fields) {
        this.where = where;
        this.fields = fields;
    }

    /** The object in a JSON file. */
    public static Config read(Path file) {
        return new Config(file.toString(), Json.readObject(file));
    }

    /** No fields at all, for formats that can do without a configuration; {@code where} is for messages. */
    public static Config empty(String where) {
        return new Config(where, JsonNodeFactory.instance.objectNode());
    }

    /** The file, for messages. */
    public String where() {
        return where;
    }

    /** All fields as they stand. */
    public ObjectNode fields() {
        return fields;
    }

    /** A field that is there and not null. */
    public @Nullable JsonNode get(String field) {
        JsonNode value = fields.get(field);
        return value == null || value.isNull() ? null : value;
    }

    public boolean has(String field) {
        return get(field) != null;
    }

    public String string(String field) {
        JsonNode value = require(field);
        if (!value.isTextual()) {
            throw wrong(field, value, "must be a string");
        }
        return value.textValue();
    }

    public String string(String field, String otherwise) {
        return has(field) ? string(field) : otherwise;
    }

    public boolean flag(String field, boolean otherwise) {
        JsonNode value = get(field);
        if (value == null) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            throw wrong(field, value, "must be true or false");
        }
        return value.booleanValue();
    }

    /** A length of an axis: 1 to 2^24. */
    public int size(String field) {
        return integer(field, 1, MAX_SIZE);
    }

    public int size(String field, int otherwise) {
        return has(field) ? size(field) : otherwise;
    }

    /** A number of layers: 1 to 1024. */
    public int layers(String field) {
        return integer(field, 1, MAX_LAYERS);
    }

    /** A number of heads, a divisor of {@code width}. */
    public int heads(String field, int width) {
        int heads = integer(field, 1, MAX_SIZE);
        if (width % heads != 0) {
            throw wrong(field, require(field), "must divide the width " + width);
        }
        return heads;
    }

    public int integer(String field, int least, int most) {
        JsonNode value = require(field);
        if (!value.isIntegralNumber()
                || !value.canConvertToInt()
                || value.intValue() < least
                || value.intValue() > most) {
            throw wrong(field, value, "must be a whole number from " + least + " to " + most);
        }
        return value.intValue();
    }

    /** The small number that keeps norms from dividing by zero. */
    public float epsilon(String field, float otherwise) {
        JsonNode value = get(field);
        if (value == null) {
            return otherwise;
        }
        if (!value.isNumber() || !(value.doubleValue() > 0 && value.doubleValue() < 1)) {
            throw wrong(field, value, "must be a number between 0 and 1");
        }
        return value.floatValue();
    }

    public Activation activation(String field, Activation otherwise) {
        if (!has(field)) {
            return otherwise;
        }
        Activation activation = ACTIVATIONS.get(string(field));
        if (activation == null) {
            throw wrong(field, require(field), "must be one of " + String.join(", ", ACTIVATIONS.keySet()));
        }
        return activation;
    }

    /** The error that a field's value is no good. */
    public ModelFormatException wrong(String field, JsonNode value, String rule) {
        String text = value.toString();
        return new ModelFormatException(where + ": " + field + " is "
                + (text.length() > 60 ? text.substring(0, 60) + "..." : text) + "; it " + rule);
    }

    private JsonNode require(String field) {
        JsonNode value = get(field);
        if (value == null) {
            throw new ModelFormatException(where + " has no field " + field);
        }
        return value;
    }
}
