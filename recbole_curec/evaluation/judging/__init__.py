"""A judge: a language model on a server compares explanations blind, in both orders, beside planted worse ones."""
