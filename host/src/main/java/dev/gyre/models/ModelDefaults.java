package dev.gyre.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gyre.decoding.ForeignOptions;
import dev.gyre.decoding.GenerationOptions;
import dev.gyre.decoding.Option;
import dev.gyre.weights.ModelFormatException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The generation options of a model, as requests start from them. */
public final class ModelDefaults {

    private static final Logger LOG = LoggerFactory.getLogger(ModelDefaults.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private ModelDefaults() {}

    /**
     * Reads what the publisher sets. Fields that would change results and are not supported are logged; a maximum length
     * above what the positions of the model allow is cut to that.
     *
     * @throws ModelFormatException if a field cannot be what it is
     */
    public static GenerationOptions of(ModelDirectory model) {
        GenerationDefaults defaults = model.defaults();
        Map<String, Object> fields = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : defaults.fields().entrySet()) {
            fields.put(field.getKey(), JSON.convertValue(field.getValue(), Object.class));
        }
        ForeignOptions.Reading reading;
        try {
            reading = ForeignOptions.read(fields);
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(defaults.where() + ": " + e.getMessage(), e);
        }
        if (!reading.unsupported().isEmpty()) {
            LOG.warn(
                    "{}: not supported, and results may differ from the publisher's for it: {}",
                    defaults.where(),
                    String.join(", ", reading.unsupported()));
        }
        return complete(reading.options(), model);
    }

    private static GenerationOptions complete(GenerationOptions options, ModelDirectory model) {
        SpecialTokens special = model.special();
        GenerationOptions.Builder all = options.toBuilder();
        if (!options.has(Option.EOS_TOKEN_ID) && !special.end().isEmpty()) {
            all.eosTokenIds(special.end());
        }
        if (!options.has(Option.DECODER_START_TOKEN_ID)) {
            special.decoderStart().ifPresent(all::decoderStartTokenId);
        }
        if (!options.has(Option.BOS_TOKEN_ID)) {
            special.begin().ifPresent(id -> all.set(Option.BOS_TOKEN_ID, id));
        }
        if (!options.has(Option.FORCED_BOS_TOKEN_ID)) {
            special.forcedBegin().ifPresent(all::forcedBosTokenId);
        }
        if (!options.has(Option.FORCED_EOS_TOKEN_ID) && !special.forcedEnd().isEmpty()) {
            all.set(Option.FORCED_EOS_TOKEN_ID, List.copyOf(special.forcedEnd()));
        }
        Integer longest = options.get(Option.MAX_LENGTH);
        int limit = model.transformer().maxTarget();
        if (longest != null && longest > limit) {
            all.maxLength(limit);
        }
        return all.build();
    }
}
