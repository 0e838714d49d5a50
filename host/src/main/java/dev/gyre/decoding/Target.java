package dev.gyre.decoding;

/**
 * What a model allows on the target side.
 *
 * @param vocabulary columns of its logits
 * @param positions target tokens, start token included, that the decoder can take
 */
public record Target(int vocabulary, int positions) {}
