package dev.gyre.models;

import java.util.List;
import java.util.OptionalInt;

/**
 * Ids that mean something to decoding.
 *
 * @param end ids that end a hypothesis; some models have several
 * @param decoderStart what a target begins with
 * @param forcedEnd the id at the length limit, if the model asks for it
 */
public record SpecialTokens(
        OptionalInt begin,
        List<Integer> end,
        OptionalInt pad,
        OptionalInt unknown,
        OptionalInt decoderStart,
        OptionalInt forcedBegin,
        List<Integer> forcedEnd) {

    public SpecialTokens {
        end = List.copyOf(end);
        forcedEnd = List.copyOf(forcedEnd);
    }
}
